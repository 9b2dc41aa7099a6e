-- One row per request for the services in turn, each with a time of its own. SERVICES, and COLUMNS of their rows, come
-- from the environment.
local services = tonumber(os.getenv("SERVICES"))
local columns = tonumber(os.getenv("COLUMNS"))
local texts, count = {}, 0
-- Beyond what former runs sent, so that every row is later than the last.
local first = tonumber(os.getenv("FIRST"))

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
  local service = count % services
  local cell = math.floor(count / services)
  count = count + 1
  return wrk.format(nil, nil, nil, string.format(
    '{"rows":[{"service":"service-%04d","time":%d,"values":[%s]}]}',
    service, first + cell * 60, texts[count % 64 + 1]))
end

function done(summary, latency)
  io.write(string.format('{"requests":%d,"microseconds":%d,"errors":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status
      + summary.errors.timeout, latency:percentile(50), latency:percentile(99)))
end
