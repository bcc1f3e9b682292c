import js from "@eslint/js";
import tseslint from "typescript-eslint";

const noUi = {
  patterns: [
    { group: ["preact", "preact/*", "@preact/signals", "**/ui/*", "**/i18n/*"], message: "src/app has no user interface." },
  ],
};

export default tseslint.config(
  { ignores: ["node_modules"] },
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "max-lines": ["error", { max: 400 }],
      "max-lines-per-function": ["error", { max: 100 }],
      "@typescript-eslint/explicit-function-return-type": ["error", { allowExpressions: true }],
      "@typescript-eslint/consistent-type-definitions": ["error", "interface"],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
  { files: ["src/app/**"], rules: { "no-restricted-imports": ["error", noUi] } },
  { files: ["scripts/**"], languageOptions: { globals: { process: "readonly", console: "readonly", URL: "readonly" } } },
  { files: ["public/**"], languageOptions: { globals: { localStorage: "readonly", document: "readonly" } } },
);
