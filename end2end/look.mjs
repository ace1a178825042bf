import { chromium } from '@playwright/test';
const [url, password, out] = ['http://127.0.0.1:3977', process.argv[2], '/tmp/audit-shots'];
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
for (const scheme of ['light', 'dark']) for (const width of [1280, 390]) {
  const context = await browser.newContext({ baseURL: url, colorScheme: scheme, viewport: { width, height: 900 } });
  const page = await context.newPage();
  page.on('console', m => console.log('console', m.text()));
  await page.goto('/sign-in');
  await page.getByLabel('Address').fill('ada@saltmarsh.example');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(u => u.pathname !== '/sign-in');
  await page.goto('/o/saltmarsh/audit');
  await page.locator('details.told summary').nth(1).click();
  await page.screenshot({ path: `${out}/${scheme}-${width}.png` });
  if (scheme === 'light') {
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.waitForSelector('.flash');
    await page.screenshot({ path: `${out}/verified-${width}.png` });
    await page.goto('/o/saltmarsh/audit?q=nobody&action=role');
    await page.screenshot({ path: `${out}/none-${width}.png` });
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  console.log(scheme, width, 'overflow', wide);
  await context.close();
}
await browser.close();
