/** lease/etcd: the lease as one key of etcd, over its JSON gateway. Apart, for it loads the HTTP client. */
export * from './etcd-gateway.js';
export * from './etcd-lease-store.js';
export * from './etcd-messages.js';
