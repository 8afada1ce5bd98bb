/** TensorBoard's message channel to a plugin's iframe, spoken without its library. */

interface Message {
  type: string;
  id: number;
  payload: unknown;
  error: string | null;
  isReply: boolean;
}

export interface Ipc {
  ask(type: string): Promise<unknown>;
  on(type: string, listener: () => void): void;
}

const ANSWER_WITHIN_MS = 10_000;

export function connect(parent: Window): Ipc {
  const channel = new MessageChannel();
  const port = channel.port1;
  const waiting = new Map<number, (payload: unknown) => void>();
  const listeners = new Map<string, (() => void)[]>();
  let last = 0;
  const post = (message: Message): void => port.postMessage(JSON.stringify(message));
  port.onmessage = (event: MessageEvent): void => {
    const message = JSON.parse(String(event.data)) as Message;
    if (message.isReply) {
      waiting.get(message.id)?.(message.error ? null : message.payload);
      waiting.delete(message.id);
      return;
    }
    for (const listener of listeners.get(message.type) ?? []) listener();
    // The host awaits an answer to each of its messages.
    post({ ...message, payload: null, error: null, isReply: true });
  };
  parent.postMessage("experimental.bootstrap", "*", [channel.port2]);
  return {
    ask(type) {
      const id = ++last;
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        setTimeout(() => resolve(null), ANSWER_WITHIN_MS);
        post({ type, id, payload: null, error: null, isReply: false });
      });
    },
    on(type, listener) {
      listeners.set(type, [...(listeners.get(type) ?? []), listener]);
    },
  };
}
