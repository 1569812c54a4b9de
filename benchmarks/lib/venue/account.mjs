import { corkForTurn } from './cork.mjs';

const ZERO = '0.00000000';

/**
 * The private face of the loopback venue: acknowledges every order at once. One that is to take or go is filled, one that is
 * to rest does so until it is canceled.
 */
export class LoopbackAccount {
  #orderId = 1_000_000;
  #tradeId = 0;
  /** By client order id. */
  #open = new Map();
  #users = new Set();
  /** The bytes of a connection. */
  #sockets = new WeakMap();
  /** Called with an order's price before anything is answered. */
  onOrder = (_price) => {};
  orders = 0;
  cancels = 0;

  /** A connection of the WebSocket API, and the TCP socket under it. */
  accept(socket, tcp) {
    this.#sockets.set(socket, tcp);
    socket.on('message', (data) => this.#take(socket, JSON.parse(data.toString('latin1'))));
    socket.on('close', () => this.#users.delete(socket));
    socket.on('error', () => {});
  }

  openOrders() {
    return [...this.#open.values()];
  }

  #take(socket, { id, method, params }) {
    corkForTurn(this.#sockets.get(socket));
    switch (method) {
      case 'order.place':
        this.#place(socket, id, params);
        break;
      case 'order.cancel':
        this.#cancel(socket, id, params);
        break;
      case 'session.logon':
        answer(
          socket,
          id,
          `{"apiKey":"loopback","authorizedSince":${Date.now()},"connectedSince":1,"serverTime":${Date.now()}}`,
        );
        break;
      case 'userDataStream.subscribe':
        this.#users.add(socket);
        answer(socket, id, '{"subscriptionId":0}');
        break;
      default:
        refuse(socket, id, -2013, 'Order does not exist.');
    }
  }

  #place(socket, id, params) {
    this.onOrder(params.price);
    this.orders++;
    const orderId = ++this.#orderId;
    const now = Date.now();
    const { symbol, newClientOrderId: name } = params;
    answer(
      socket,
      id,
      `{"symbol":"${symbol}","orderId":${orderId},"orderListId":-1,"clientOrderId":"${name}","transactTime":${now}}`,
    );
    const order = {
      ...{ symbol, orderId, clientOrderId: name, status: 'NEW', side: params.side, type: params.type },
      ...{
        timeInForce: params.timeInForce ?? 'GTC',
        price: params.price,
        origQty: params.quantity,
        executedQty: ZERO,
      },
      ...{ updateTime: now, time: now },
    };
    this.#report(order, 'NEW', name, '', now);
    if (order.timeInForce === 'GTC') this.#open.set(name, order);
    else this.#report({ ...order, status: 'FILLED' }, 'TRADE', name, '', now);
  }

  #cancel(socket, id, { symbol, orderId, origClientOrderId, newClientOrderId }) {
    const isMeant = (open) => open.clientOrderId === origClientOrderId || open.orderId === orderId;
    const order = this.#open.get(origClientOrderId) ?? [...this.#open.values()].find(isMeant);
    if (order === undefined) {
      refuse(socket, id, -2011, 'Unknown order sent.');
      return;
    }
    this.cancels++;
    this.#open.delete(order.clientOrderId);
    const now = Date.now();
    const name = newClientOrderId ?? order.clientOrderId;
    answer(
      socket,
      id,
      `{"symbol":"${symbol}","origClientOrderId":"${order.clientOrderId}","orderId":${order.orderId},"clientOrderId":"${name}",` +
        `"transactTime":${now},"executedQty":"${ZERO}","status":"CANCELED"}`,
    );
    this.#report({ ...order, status: 'CANCELED' }, 'CANCELED', name, order.clientOrderId, now);
  }

  #report(order, execution, name, original, now) {
    const isFill = execution === 'TRADE';
    const [quantity, price, trade] = isFill
      ? [order.origQty, order.price, ++this.#tradeId]
      : [ZERO, ZERO, -1];
    const event =
      `{"subscriptionId":0,"event":{"e":"executionReport","E":${now},"s":"${order.symbol}","c":"${name}","S":"${order.side}",` +
      `"o":"${order.type}","f":"${order.timeInForce}","q":"${order.origQty}","p":"${order.price}","P":"${ZERO}","F":"${ZERO}","g":-1,` +
      `"C":"${original}","x":"${execution}","X":"${order.status}","r":"NONE","i":${order.orderId},"l":"${quantity}","z":"${quantity}",` +
      `"L":"${price}","n":"0","N":null,"T":${now},"t":${trade},"w":${order.status === 'NEW'},"m":false,"M":${isFill},"O":${now},` +
      `"Z":"${ZERO}","Y":"${ZERO}","Q":"${ZERO}"}}`;
    for (const user of this.#users) {
      corkForTurn(this.#sockets.get(user));
      user.send(event);
    }
  }
}

function answer(socket, id, result) {
  socket.send(`{"id":${id},"status":200,"result":${result},"rateLimits":[]}`);
}

function refuse(socket, id, code, msg) {
  socket.send(`{"id":${id},"status":400,"error":{"code":${code},"msg":"${msg}"},"rateLimits":[]}`);
}
