// How fast the console is there: from an empty cache to the first thing a person can use, and what
// came over the wire for it. `node bench/console.mjs`; medians of five. The server, the browser and
// this program share the cores.
import { House } from "../web/e2e/harness.mjs";

const rounds = 5;
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

const house = await House.start({ customers: 2000 });
try {
  const keeper = await house.page();
  await house.setUp(keeper, house.invite("speed", "Spee Dee", "agent"));
  const state = await keeper.context().storageState();

  // Opens `path` with an empty cache; ready when `selector` is there and takes input.
  const measure = async (path, selector, signedIn) => {
    const times = [], bytes = [];
    for (let i = 0; i < rounds; ++i) {
      const page = await house.page(signedIn ? { storageState: state } : {});
      const network = await page.context().newCDPSession(page);
      await network.send("Network.enable");
      let received = 0;
      network.on("Network.loadingFinished", (event) => { received += event.encodedDataLength; });
      const started = performance.now();
      await page.goto(house.base + path, { waitUntil: "commit" });
      await page.locator(selector).first().click({ trial: true });
      times.push(performance.now() - started);
      await page.waitForLoadState("networkidle");
      bytes.push(received);
      await page.context().close();
    }
    console.log(`${path.padEnd(24)} usable after ${median(times).toFixed(0).padStart(5)} ms (slowest ${Math.max(...times).toFixed(0)}), ${(median(bytes) / 1000).toFixed(0)} kB over the wire`);
  };
  await measure("/console/", "input[type=password]", false);
  await measure("/console/", ".shell .panel", true);
  await measure("/console/customers", "tbody a", true);
} finally {
  await house.stop();
}
