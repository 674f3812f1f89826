// An HTTP server on Node: `node http_server.js PORT`. Stops on SIGTERM.
"use strict";
const http = require("node:http");
const port = Number(process.argv[2]);
const server = http.createServer((request, response) => response.end("ok\n"));
server.listen(port, "127.0.0.1", () => console.log(`listening on ${port}`));
process.on("SIGTERM", () => {
  console.log("closing");
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
