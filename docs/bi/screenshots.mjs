// Signs in to a SQLPad, opens the queries that queries.json wants pictures of,
// and takes them.
//
//   SQLPAD_PASSWORD=... node screenshots.mjs URL MAIL BROWSER FOLDER
//
// Needs playwright-core where node looks for modules.  Ends with an error if a
// query shows no figures.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const { chromium } = createRequire(path.join(process.cwd(), 'package.json'))('playwright-core');
const [url, email, executablePath, folder] = process.argv.slice(2);
const here = path.dirname(fileURLToPath(import.meta.url));
const queries = JSON.parse(fs.readFileSync(path.join(here, 'queries.json')));

async function signIn(page) {
    await page.goto(`${url}/signin`);
    await page.fill('input[type=email]', email);
    await page.fill('input[type=password]', process.env.SQLPAD_PASSWORD);
    await page.click('button[type=submit]');
    await page.waitForURL(`${url}/queries/new`);
}

// The editor runs what it has loaded, so wait for the text first.
async function pictureOf(page, id, { file, screenshot }) {
    if (screenshot === 'chart') {
        await page.goto(`${url}/query-chart/${id}`);
    } else {
        await page.goto(`${url}/queries/${id}`);
        await page.waitForSelector('.ace_keyword:has-text("SELECT")');
        await page.click('button:has-text("Run")');
    }
    await page.waitForSelector('svg .i-role-datum, svg .bar, svg path.line');
    await page.waitForTimeout(1000);
    await page.screenshot({ path: path.join(folder, `${file}.png`) });
}

const browser = await chromium.launch({ executablePath });
try {
    const page = await browser.newPage({ viewport: { width: 1200, height: 640 } });
    await signIn(page);
    const saved = await page.evaluate(async () => (await (await fetch('/api/queries')).json()).queries);
    for (const query of queries.filter(({ screenshot }) => screenshot)) {
        await pictureOf(page, saved.find(({ name }) => name === query.name)._id, query);
    }
} finally {
    await browser.close();
}
