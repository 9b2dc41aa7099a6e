"""Log lines of 40 templates for the benchmarks: realistic heads, identifiers, addresses, durations."""

USERS = "alice bob carol dave erin frank grace heidi ivan judy mallory niaj olivia peggy".split()
SERVICES = "cart checkout catalog payment shipping gateway search email".split()
WORDS = "timeout refused reset expired denied unavailable throttled cancelled".split()

# A head, then the message. Fields in braces are drawn by `Fields`.
TEMPLATES = [
    "INFO {service}: GET /api/v1/products/{int} {status} {ms}ms user={user}",
    'level=info msg="request completed" path=/cart/{int} status={status} duration={seconds}s',
    "DEBUG [http-nio-8080-exec-{small}] OrderController#212 loaded order {uuid}",
    "{ip} - - GET /healthz HTTP/1.1 200 {small} {ms}ms",
    "INFO order {uuid} created for user {user}",
    "INFO cache hit ratio {percent}% over {int} lookups",
    "INFO consumer group orders-{small} committed offset {long} on partition {small}",
    "WARN slow query took {ms} ms: select * from orders where id = {int}",
    "INFO payment {hex} authorised in {ms}ms, amount {money} EUR",
    'level=debug msg="dialing upstream" addr={ip}:{port} attempt={small}',
    "INFO session {hex} opened from {ip}",
    "INFO session {hex} closed after {seconds}s",
    "DEBUG trace={trace} span={hex} exported to collector",
    "INFO flushed {int} points to storage in {ms} ms",
    "INFO scheduled job cleanup finished: {int} rows removed, {small} kept",
    "WARN retrying call to {service} after {ms}ms, attempt {small} of 5",
    "ERROR connection to {ip}:{port} {word}",
    "INFO user {user} logged in from {ip}",
    "INFO user {user} logged out",
    "ERROR payment {hex} declined: code {int}",
    "INFO gc pause {ms}ms, heap {int}K->{int}K({int}K)",
    "WARN queue depth {int} above {int} on broker {ip}:{port}",
    "INFO sent mail to {user}@example.com, message id {uuid}",
    "DEBUG lock {hex} acquired by worker-{small} after {ms}ms",
    "INFO shipment {int} handed to carrier, tracking number {long}",
    "ERROR failed to parse request body at byte {int}: unexpected token",
    'level=warn msg="certificate expires soon" host={service}.shop.svc days={small}',
    "INFO pod {service}-{hash}-{tail} ready after {seconds}s",
    "ERROR NullPointerException at CheckoutService.java:88 order {uuid}",
    "INFO snapshot {long} written, {int} bytes, checksum {trace}",
    "WARN clock skew of {ms}ms against {ip}",
    "INFO reloaded configuration /etc/shop/{service}.yaml, version {int}",
    'ERROR upstream {service} answered {status}: "{word}"',
    "INFO feature flag new-checkout evaluated for {int} users",
    "WARN rate limit reached for client {ip}, dropped {int} requests",
    "FATAL out of memory: requested {long} bytes, {long} available",
    "INFO rolling back transaction {long} after {ms}ms",
    "ERROR disk /dev/sd{letter}{small} is {percent}% full",
    "INFO leader election won by {service}-{small}, term {int}",
    "ERROR deadlock detected between transactions {long} and {long}",
]

HEX = "0123456789abcdef"
TAIL = "bcdfghjklmnpqrstvwxz2456789"


class Fields:
    """Draws what stands for a field of a template."""

    def __init__(self, random):
        self.random = random

    def text(self, alphabet, length):
        return "".join(self.random.choices(alphabet, k=length))

    def __getitem__(self, field):
        random = self.random
        match field:
            case "int":
                return str(random.randrange(10 ** random.randint(1, 6)))
            case "small":
                return str(random.randrange(1, 33))
            case "long":
                return str(random.randrange(10**9, 10**12))
            case "ms":
                return f"{random.lognormvariate(2.5, 1.2):.1f}"
            case "seconds":
                return f"{random.lognormvariate(-1, 1.5):.3f}"
            case "percent":
                return f"{random.uniform(1, 99):.1f}"
            case "money":
                return f"{random.uniform(1, 900):.2f}"
            case "ip":
                return f"10.{random.randrange(8)}.{random.randrange(256)}.{random.randrange(1, 255)}"
            case "port":
                return str(random.choice([5432, 6379, 8080, 9092, random.randrange(32768, 61000)]))
            case "status":
                return str(random.choice([200, 200, 200, 201, 204, 304, 404, 500, 503]))
            case "uuid":
                return "-".join(self.text(HEX, n) for n in (8, 4, 4, 4, 12))
            case "hex":
                return self.text(HEX, 16)
            case "trace":
                return self.text(HEX, 32)
            case "hash":
                return self.text(HEX, 9) + random.choice("0123456789")
            case "tail":
                return self.text(TAIL, 4) + random.choice("2456789")
            case "letter":
                return random.choice("abcd")
            case "user":
                return random.choice(USERS)
            case "service":
                return random.choice(SERVICES)
            case "word":
                return random.choice(WORDS)
        raise KeyError(field)


def draw(random, count):
    """Yields the template's number and the text of each of `count` lines, frequencies 1/rank."""
    fields = Fields(random)
    weights = [1 / (rank + 1) for rank in range(len(TEMPLATES))]
    for number in random.choices(range(len(TEMPLATES)), weights, k=count):
        yield number, TEMPLATES[number].format_map(fields)
