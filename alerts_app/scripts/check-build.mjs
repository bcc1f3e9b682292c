// Proves that the committed build is what the sources give: builds again beside it and compares every byte.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const committed = join(root, "../edge/web/static");
const fresh = mkdtempSync(join(tmpdir(), "miseban-static-"));

function filesOf(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(entries.map((entry) => join(entry.parentPath, entry.name)).map((path) => [relative(folder, path), readFileSync(path)]));
}

try {
  execFileSync(process.execPath, [join(root, "node_modules/vite/bin/vite.js"), "build", "--logLevel", "error"], {
    cwd: root,
    env: { ...process.env, MISEBAN_STATIC: fresh },
    stdio: "inherit",
  });
  const [before, after] = [filesOf(committed), filesOf(fresh)];
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  const different = names.filter((name) => !before.has(name) || !after.has(name) || !before.get(name).equals(after.get(name)));
  if (different.length > 0) {
    console.error(`edge/web/static is not what alerts_app gives: ${different.join(", ")}. Run "npm run build" and commit.`);
    process.exitCode = 1;
  } else {
    console.log(`edge/web/static is what alerts_app gives: ${names.length} files, byte for byte`);
  }
} finally {
  rmSync(fresh, { recursive: true });
}
