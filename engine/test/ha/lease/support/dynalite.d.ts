declare module 'dynalite' {
  import type { Server } from 'node:http';
  /** Amazon's DynamoDB protocol over LevelDB, in memory unless a path is given. */
  export default function dynalite(options?: { createTableMs?: number }): Server;
}
