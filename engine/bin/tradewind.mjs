#!/usr/bin/env node
// The installed command: needs a build (`npm run build`); from a clone, `npm run tradewind -- ...` builds by itself.
import '../dist/cli/main.js';
