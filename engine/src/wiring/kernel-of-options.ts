import type { Config } from '../config/index.js';
import type { KernelFactory } from '../journal/index.js';
import { makeKernel as makeKernelOf } from './make-kernel.js';

/**
 * The kernel of a journal's options; the snapshot thread loads this module by its address. Throws what is wrong with options
 * that this software does not know.
 */
export const makeKernel: KernelFactory = ({ config }) => makeKernelOf(config as Config);
