/** What a hand does to the map. */
import type { Page } from 'playwright-core';

/** From an empty place of the map, in steps. */
export async function drag(page: Page, steps: number): Promise<void> {
  const box = (await page.locator('.react-flow__pane').boundingBox())!;
  const [x, y] = [box.x + box.width - 30, box.y + 30];
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (let step = 1; step <= steps; step += 1) await page.mouse.move(x - step * 5, y + step * 3);
  await page.mouse.up();
}

/** With the wheel, over the middle of the map. */
export async function zoom(page: Page, delta: number, times: number): Promise<void> {
  const box = (await page.locator('.react-flow__pane').boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  for (let time = 0; time < times; time += 1) {
    await page.mouse.wheel(0, delta);
    await page.waitForTimeout(250);
  }
}
