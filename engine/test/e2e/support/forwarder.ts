import { connect, createServer, type Server, type Socket } from 'node:net';

/** A path to one port of this machine that can be cut: connections break, and new ones are refused until it is mended. */
export class Forwarder {
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #server: Server;
  #port = 0;

  static async to(url: string): Promise<Forwarder> {
    const forwarder = new Forwarder(Number(new URL(url).port));
    await forwarder.mend();
    return forwarder;
  }

  private constructor(target: number) {
    this.#target = target;
    this.#server = this.#make();
  }

  /** The same URL by way of this path. */
  by(url: string): string {
    const changed = new URL(url);
    changed.port = String(this.#port);
    return changed.toString().replace(/\/$/, url.endsWith('/') ? '/' : '');
  }

  /** Breaks what goes over it, and lets nothing new. */
  cut(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async mend(): Promise<void> {
    this.#server = this.#make();
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as { port: number }).port;
  }

  #make(): Server {
    return createServer((near) => {
      const far = connect(this.#target, '127.0.0.1');
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(socket);
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
    });
  }
}
