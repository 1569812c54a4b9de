import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';

/** Whether openssl, which signs for the stand-in, is on the PATH. */
export const hasOpenssl = spawnSync('openssl', ['version'], { stdio: 'ignore' }).status === 0;

/**
 * KMS with one ECDSA P-256 key. Signs a digest as it is, which KMS documents for MessageType DIGEST and moto_server 5.2
 * does not do: it hashes the digest once more.
 */
export class KmsStandIn {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tradewind-kms-'));

  constructor() {
    this.#openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', this.#at('key.pem'));
  }

  /** For the code under test. */
  get client(): KMSClient {
    return this as unknown as KMSClient;
  }

  async send(command: unknown): Promise<object> {
    if (command instanceof GetPublicKeyCommand) {
      return { PublicKey: this.#openssl('ec', '-in', this.#at('key.pem'), '-pubout', '-outform', 'DER') };
    }
    if (command instanceof SignCommand) {
      const { Message, MessageType, SigningAlgorithm } = command.input;
      if (MessageType !== 'DIGEST' || SigningAlgorithm !== 'ECDSA_SHA_256' || Message?.length !== 32) {
        throw new Error('the stand-in signs SHA-256 digests only');
      }
      writeFileSync(this.#at('digest'), Message);
      this.#openssl(
        'pkeyutl',
        '-sign',
        '-inkey',
        this.#at('key.pem'),
        '-in',
        this.#at('digest'),
        '-out',
        this.#at('signature'),
      );
      return { Signature: readFileSync(this.#at('signature')) };
    }
    throw new Error(`the stand-in does not know ${command?.constructor.name}`);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #at(name: string): string {
    return join(this.#folder, name);
  }

  #openssl(...args: string[]): Buffer {
    return execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  }
}
