import { chmodSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** What the `agent` commands ask of the running agent. */
export type ControlRequest =
  | { readonly command: 'status' | 'handover' | 'release' | 'resume' }
  | { readonly command: 'hold'; readonly reason: string };

export type ControlReply =
  | { readonly ok: true; readonly result: Record<string, unknown> }
  | { readonly ok: false; readonly error: string };

/** Answers one request per connection on a Unix socket only root and the service user may open. */
export class ControlServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Rejects when another agent of this host answers on the socket; a socket file a crash left behind is replaced. */
  static async open(
    path: string,
    answer: (request: ControlRequest) => Promise<Record<string, unknown>>,
  ): Promise<ControlServer> {
    if (await somebodyListens(path)) {
      throw new Error(`another agent answers on ${path}: stop it first (systemctl stop tradewind-agent)`);
    }
    rmSync(path, { force: true });
    const server = createServer((socket) => serve(socket, answer));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    chmodSync(path, 0o660);
    return new ControlServer(server);
  }

  close(): void {
    this.#server.close();
  }
}

function serve(socket: Socket, answer: (request: ControlRequest) => Promise<Record<string, unknown>>): void {
  socket.on('error', () => socket.destroy());
  readLine(socket, async (line) => {
    let reply: ControlReply;
    try {
      reply = { ok: true, result: await answer(JSON.parse(line) as ControlRequest) };
    } catch (error) {
      reply = { ok: false, error: error instanceof Error ? error.message : String(error) };
    }
    socket.end(`${JSON.stringify(reply)}\n`);
  });
}

/** The interface repeats its input's errors; the socket's own handler has them already. */
function readLine(socket: Socket, onLine: (line: string) => void): void {
  createInterface({ input: socket })
    .on('error', () => {})
    .once('line', onLine);
}

function somebodyListens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Asks the running agent; rejects when there is none, when it says no, or when it does not answer in time. */
export function askAgent(
  path: string,
  request: ControlRequest,
  timeoutMs: number,
): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    const fail = (message: string) => {
      socket.destroy();
      reject(new Error(message));
    };
    socket.setTimeout(timeoutMs, () => fail(`the agent on ${path} did not answer within ${timeoutMs} ms`));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      fail(`no agent answers on ${path} (${error.code}): is tradewind-agent running?`),
    );
    socket.once('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    readLine(socket, (line) => {
      socket.destroy();
      const reply = JSON.parse(line) as ControlReply;
      if (reply.ok) resolve(reply.result);
      else reject(new Error(reply.error));
    });
  });
}
