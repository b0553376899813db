import { WebhookVerificationError } from './errors.js';
import { newTraceId, utf8 } from './environment.js';
import { webCrypto } from '#platform';

/** Seconds that a signature may be old, or ahead. */
const tolerance = 300;

export type WebhookHeaders = Headers | Record<string, string | string[] | undefined>;

type Body = string | Uint8Array;

/**
 * Headers that sign a body in both ways that the server knows: Standard Webhooks, and the plain SHA-256.
 * @param secret Of several, comma-separated ones the first signs. `whsec_…` is base64, anything else is text.
 */
export async function signWebhook(
  body: Body,
  secret: string,
  { id = `msg_${newTraceId()}`, timestamp = Math.floor(Date.now() / 1000), scheme = 'standard' }: SignOptions = {},
): Promise<Record<string, string>> {
  const key = await importKey(secrets(secret)[0] ?? '');
  if (scheme === 'plain') {
    return { 'x-signature-256': `sha256=${hex(await hmac(key, bytes(body)))}` };
  }
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${base64(await hmac(key, signed(id, timestamp, body)))}`,
  };
}

export interface SignOptions {
  id?: string;
  /** Seconds since 1970. */
  timestamp?: number;
  /** `standard` (the default) is safe against repetition; `plain` is what GitHub does. The server refuses both at once. */
  scheme?: 'standard' | 'plain';
}

/**
 * Checks who sent a body: call it with the bytes as they came, before any parsing.
 * @throws {WebhookVerificationError} The signature is missing, wrong or too old.
 */
export async function verifyWebhook(
  body: Body,
  headers: WebhookHeaders,
  secret: string,
  now = Math.floor(Date.now() / 1000),
): Promise<void> {
  const header = reader(headers);
  const [id, timestamp, signature] = [header('webhook-id'), header('webhook-timestamp'), header('webhook-signature')];
  // Whoever sends one part of the stronger scheme is held to it.
  if (id !== undefined || timestamp !== undefined || signature !== undefined) {
    if (!id || !timestamp || !signature) {
      throw new WebhookVerificationError('webhook-id, webhook-timestamp and webhook-signature belong together.');
    }
    const seconds = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : NaN;
    if (!(Math.abs(now - seconds) <= tolerance)) {
      throw new WebhookVerificationError('The signature is too old, or from the future.');
    }
    const given = signature.split(' ').filter((part) => part.startsWith('v1,')).map((part) => fromBase64(part.slice(3)));
    return requireOne(secret, given, signed(id, timestamp, body));
  }
  const plain = header('x-signature-256') ?? header('x-hub-signature-256');
  if (!plain) {
    throw new WebhookVerificationError('There is no signature.');
  }
  return requireOne(secret, plain.startsWith('sha256=') ? [fromHex(plain.slice(7))] : [], bytes(body));
}

async function requireOne(secret: string, signatures: Uint8Array<ArrayBuffer>[], content: Uint8Array<ArrayBuffer>): Promise<void> {
  for (const one of secrets(secret)) {
    const key = await importKey(one);
    for (const signature of signatures) {
      // The platform compares in constant time.
      if (await subtle().verify('HMAC', key, signature, content)) {
        return;
      }
    }
  }
  throw new WebhookVerificationError('The signature does not fit.');
}

const secrets = (secret: string): string[] => secret.split(',').map((one) => one.trim()).filter((one) => one !== '');

const bytes = (body: Body): Uint8Array<ArrayBuffer> => (typeof body === 'string' ? utf8(body) : new Uint8Array(body));

function signed(id: string, timestamp: string | number, body: Body): Uint8Array<ArrayBuffer> {
  const head = utf8(`${id}.${timestamp}.`);
  const tail = bytes(body);
  const all = new Uint8Array(head.length + tail.length);
  all.set(head);
  all.set(tail, head.length);
  return all;
}

function importKey(secret: string): Promise<CryptoKey> {
  const raw = secret.startsWith('whsec_') ? fromBase64(secret.slice(6)) : utf8(secret);
  if (raw.length === 0) {
    throw new WebhookVerificationError('The secret is empty, or whsec_ without base64.');
  }
  return subtle().importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
}

const hmac = async (key: CryptoKey, content: Uint8Array<ArrayBuffer>): Promise<Uint8Array> =>
  new Uint8Array(await subtle().sign('HMAC', key, content));

function subtle(): SubtleCrypto {
  if (!webCrypto?.subtle) {
    throw new WebhookVerificationError('This platform has no SubtleCrypto: a page must be served over HTTPS or from localhost.');
  }
  return webCrypto.subtle;
}

function reader(headers: WebhookHeaders): (name: string) => string | undefined {
  if (headers instanceof Headers) {
    return (name) => headers.get(name) ?? undefined;
  }
  const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value[0] : value]));
  return (name) => lower.get(name);
}

const base64 = (data: Uint8Array): string => btoa(String.fromCharCode(...data));

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

const hex = (data: Uint8Array): string => Array.from(data, (byte) => byte.toString(16).padStart(2, '0')).join('');

const fromHex = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(/^([0-9a-f]{2})*$/i.test(text) ? text.match(/../g) ?? [] : [], (pair) => parseInt(pair, 16));
