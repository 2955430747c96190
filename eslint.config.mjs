// The web client's code: ES modules that Odoo bundles; what a browser and Odoo's loader give is known.
const browser = [
    "console",
    "document",
    "fetch",
    "location",
    "navigator",
    "requestAnimationFrame",
    "setTimeout",
    "clearTimeout",
    "window",
    "DataTransfer",
    "Event",
    "File",
];

export default [
    {
        files: ["static/**/*.js"],
        languageOptions: {
            ecmaVersion: 2022,
            sourceType: "module",
            globals: Object.fromEntries([...browser, "odoo"].map((name) => [name, "readonly"])),
        },
        rules: {
            eqeqeq: "error",
            "no-undef": "error",
            "no-unused-vars": "error",
            "no-var": "error",
            "prefer-const": "error",
        },
    },
];
