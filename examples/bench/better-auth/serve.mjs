// node serve.mjs FOLDER: serves Better Auth at the address in VESTIBULE_LISTEN.
import { toNodeHandler } from 'better-auth/node';
import { createServer } from 'node:http';
import { open } from './auth.mjs';

const { auth } = await open(process.argv[2]);
const [host, port] = process.env.VESTIBULE_LISTEN.split(':');
createServer({ keepAliveTimeout: 60_000 }, toNodeHandler(auth)).listen(Number(port), host);
