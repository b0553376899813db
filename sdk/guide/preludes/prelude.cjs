// The names that the guide's Express block uses and never defines.
const express = require('express');
const app = express();

// "req.body" is there because of this.
app.use(express.json());
