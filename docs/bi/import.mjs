// Brings the connection and the queries of this folder into a SQLPad, through
// its API, and runs each query once.
//
//   SQLPAD_PASSWORD=... node import.mjs URL MAIL HOST PORT DATABASE USER
//
// URL is SQLPad's, MAIL and SQLPAD_PASSWORD an administrator's; a new SQLPad
// gets its first one this way.  The rest leads to PostgreSQL, with PGPASSWORD
// where it wants one.  Repeatable: what has the same name is replaced.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const [url, email, host, port, database, username] = process.argv.slice(2);
const password = process.env.SQLPAD_PASSWORD;
const here = path.dirname(fileURLToPath(import.meta.url));
const authorization = 'Basic ' + Buffer.from(`${email}:${password}`).toString('base64');

async function call(method, address, body) {
    const response = await fetch(url + address, {
        method,
        headers: { authorization, 'content-type': 'application/json' },
        body: body && JSON.stringify(body)
    });
    const answer = response.ok ? await response.json() : { error: `status ${response.status}` };
    if (answer.error) {
        throw new Error(`${method} ${address}: ${answer.error}`);
    }
    return answer;
}

async function signUp() {
    const { adminRegistrationOpen } = await call('GET', '/api/app');
    if (adminRegistrationOpen) {
        await call('POST', '/api/signup', { email, password, passwordConfirmation: password });
    }
}

// Saves an object: over the one of the same name, if there is one.
async function save(kind, object) {
    const existing = (await call('GET', `/api/${kind}`))[kind].find(({ name }) => name === object.name);
    const answer = existing
        ? await call('PUT', `/api/${kind}/${existing._id}`, object)
        : await call('POST', `/api/${kind}`, object);
    return Object.values(answer)[0]._id;
}

async function main() {
    await signUp();
    const connectionId = await save('connections', {
        name: 'salesperf', driver: 'postgres', host, port, database, username, password: process.env.PGPASSWORD
    });
    for (const { file, name, tags, chart } of JSON.parse(fs.readFileSync(path.join(here, 'queries.json')))) {
        const queryText = fs.readFileSync(path.join(here, 'queries', `${file}.sql`), 'utf8');
        const id = await save('queries', { name, tags, connectionId, queryText, chartConfiguration: chart });
        const { queryResult } = await call('GET', `/api/query-result/${id}`);
        console.log(`${id} ${file}: ${queryResult.rows.length} rows`);
    }
}

await main();
