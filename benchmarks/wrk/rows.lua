-- Rows of the services in turn, each later than its service's last. ROWS of a request, SERVICES, COLUMNS of their rows
-- and the FIRST time come from the environment; paced.py sends the same.
local size = tonumber(os.getenv("ROWS"))
local services = tonumber(os.getenv("SERVICES"))
local columns = tonumber(os.getenv("COLUMNS"))
-- Beyond what former runs sent.
local first = tonumber(os.getenv("FIRST"))
local groups = services / size
local texts, count = {}, 0

function init()
  math.randomseed(7)
  for variant = 1, 64 do
    local values = {}
    for column = 1, columns do values[column] = string.format("%.15g", math.random() * 2 - 1) end
    texts[variant] = table.concat(values, ",")
  end
  wrk.method = "POST"
  wrk.headers["content-type"] = "application/json"
end

function request()
  local rows = {}
  local group, cell = count % groups, math.floor(count / groups)
  count = count + 1
  for index = 1, size do
    rows[index] = string.format('{"service":"service-%04d","time":%d,"values":[%s]}',
      group * size + index - 1, first + cell * 60, texts[(count + index) % 64 + 1])
  end
  return wrk.format(nil, nil, nil, '{"rows":[' .. table.concat(rows, ",") .. ']}')
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"microseconds":%d,"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration, errors.connect, errors.read, errors.write, errors.status, errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
