import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { build, type Plugin } from "vite";

/** Builds `src/sw.ts` to `/sw.js` with the list of the shell's files and a digest of their contents. */
export function serviceWorker(root: string): Plugin {
  return {
    name: "miseban-service-worker",
    apply: "build",
    enforce: "post",
    async generateBundle(_options, bundle) {
      const digest = createHash("sha256");
      const files = new Map<string, string | Uint8Array>();
      for (const item of Object.values(bundle)) files.set(item.fileName, item.type === "chunk" ? item.code : item.source);
      const publicDir = join(root, "public");
      for (const entry of readdirSync(publicDir, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const path = join(entry.parentPath, entry.name);
        files.set(relative(publicDir, path).split(sep).join("/"), readFileSync(path));
      }
      const names = [...files.keys()].sort();
      for (const name of names) digest.update(name).update("\0").update(files.get(name) ?? "");
      const source = readFileSync(join(root, "src/sw.ts"));
      digest.update(source);
      const shell = names.map((name) => (name === "index.html" ? "/" : `/${name}`));
      const result = await build({
        root,
        configFile: false,
        publicDir: false,
        logLevel: "error",
        define: {
          __SHELL__: JSON.stringify(shell),
          __VERSION__: JSON.stringify(digest.digest("hex").slice(0, 12)),
        },
        build: {
          write: false,
          target: "es2022",
          lib: { entry: join(root, "src/sw.ts"), formats: ["es"], fileName: "sw" },
        },
      });
      const outputs = (Array.isArray(result) ? result : [result]).flatMap((item) => ("output" in item ? item.output : []));
      const worker = outputs.find((item) => item.type === "chunk");
      if (worker?.type !== "chunk") this.error("src/sw.ts gave no worker");
      this.emitFile({ type: "asset", fileName: "sw.js", source: worker.code });
    },
  };
}
