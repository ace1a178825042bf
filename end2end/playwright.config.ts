// Each flow runs twice, with and without JavaScript; specs that need the WASM end in .hydrate.spec.ts and run only with it.
import { defineConfig, devices } from '@playwright/test';

// scripts/test names the browser; without it Playwright uses its own.
const executablePath = process.env.CHROMIUM || undefined;

// Chromium refuses its sandbox to root. The others keep it from calling home.
const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const args = [
  ...asRoot, '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync',
];

const chromium = { ...devices['Desktop Chrome'], launchOptions: { executablePath, args } };

export default defineConfig({
  testDir: 'tests',
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  retries: 0,
  workers: 2,
  // most take a second or two; what is slow is hashing passwords, on a machine that does other things besides
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['html', { open: 'never' }]],
  // a trace costs time, and nobody opens those of CI
  use: { trace: process.env.CI ? 'off' : 'retain-on-failure' },
  projects: [
    // pictures of every page, only when asked for: npm run screenshots
    ...(process.env.SCREENSHOTS ? [{ name: 'screenshots', testDir: '.', testMatch: 'screenshots.ts', use: chromium, timeout: 600_000 }] : []),
    { name: 'with-scripts', use: chromium },
    { name: 'without-scripts', use: { ...chromium, javaScriptEnabled: false }, testIgnore: '**/*.hydrate.spec.ts' },
  ],
});
