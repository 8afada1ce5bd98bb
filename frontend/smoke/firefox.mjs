/**
 * Looks at the tab with Firefox and prints as JSON what it has seen: `node smoke/firefox.mjs FIREFOX ADDRESS`.
 *
 * Over WebDriver BiDi, which Firefox speaks itself: no other program is needed. tests/browser/test_firefox.py asserts.
 */
import puppeteer from "puppeteer-core";

const [executablePath, address] = process.argv.slice(2);
const errors = [];
const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
try {
  const page = await browser.newPage();
  await page.setViewport({ width: 1440, height: 900 });
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(`${address}#versions`);
  const tab = await page.waitForFrame((frame) => frame.url().includes("name=versions"));

  /** Whether a canvas below the selector has any pixel that is not empty, once it has. */
  const drawn = (selector) =>
    tab.waitForFunction(
      (where) => {
        const canvas = document.querySelector(`${where} canvas`);
        const data = canvas?.width ? canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data : [];
        return data.some((channel) => channel !== 0);
      },
      {},
      selector,
    );

  await tab.waitForSelector("table.versions tbody tr[aria-selected]");
  const rows = await tab.$$eval("tbody td.check input", (boxes) => boxes.map((box) => box.ariaLabel.replace("Select ", "")));
  await drawn(".metric-chart");
  const font = await tab.evaluate(() => getComputedStyle(document.body).fontFamily.split(",")[0]);

  await tab.click("tbody tr[aria-selected] td.version");
  await tab.waitForSelector(".dv-body .dv-metrics");
  const opened = await tab.$eval("aside.detail", (panel) => panel.ariaLabel);

  for (const box of (await tab.$$("tbody td.check")).slice(0, 2)) await box.click();
  await tab.click(".button.primary:not(:disabled):not(.only-small)");
  await tab.waitForSelector(".cmp-table");
  await drawn(".cmp-card");
  const compared = await tab.$$eval(".cmp-member bdi", (names) => names.map((name) => name.textContent));
  const { hash } = new URL(page.url());

  console.log(JSON.stringify({ version: await browser.version(), rows, font, opened, compared, hash, errors }));
} finally {
  await browser.close();
}
