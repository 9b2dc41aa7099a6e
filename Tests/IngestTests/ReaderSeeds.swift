import Ingest
import Storage
import Telemetry
import Testing

/// A source in its smallest valid form, to be damaged.
struct ReaderSeed: Sendable, CustomTestStringConvertible {
  /// A file of the source.
  struct File: Sendable {
    /// The name below the source's folder.
    var name: String
    /// Valid contents, of which one is taken.
    var contents: [[UInt8]]

    init(_ name: String, _ contents: String...) {
      (self.name, self.contents) = (name, contents.map { Array($0.utf8) })
    }

    init(_ name: String, bytes: [UInt8]...) { self.init(name, contents: bytes) }

    init(_ name: String, contents: [[UInt8]]) { (self.name, self.contents) = (name, contents) }
  }

  /// What the source is called in a failure.
  var name: String
  /// Its files.
  var files: [File]
  /// Reads it from a folder.
  var configuration: @Sendable (_ folder: String) -> IngestConfiguration

  var testDescription: String { name }

  init(
    _ name: String, _ files: File...,
    configuration: @escaping @Sendable (_ folder: String) -> IngestConfiguration
  ) {
    (self.name, self.files, self.configuration) = (name, files, configuration)
  }

  /// A source alone, on a grid of minutes.
  init(
    _ name: String, _ files: File..., source: @escaping @Sendable (String) -> SourceConfiguration
  ) {
    (self.name, self.files) = (name, files)
    configuration = { IngestConfiguration(interval: .minutes(1), sources: [source($0)]) }
  }

  /// A part of a published dataset.
  init(_ dataset: PublishedDataset, _ part: String, _ files: File...) {
    (name, self.files) = ("\(dataset.rawValue) \(part)", files)
    configuration = { dataset.configuration(part: part, in: $0) }
  }
}

/// Every kind of source; a new reader is a line more.
enum ReaderSeeds {
  static let all: [ReaderSeed] =
    general + tables + logFiles
    + logs.map { system, lines in
      ReaderSeed(.loghub, system, .init("\(system)/\(system)_2k.log", lines))
    }

  private static let general = [
    ReaderSeed("prometheus", answers("a.json")) { .prometheus(path: $0) },
    ReaderSeed(
      "csv",
      .init(
        "m.csv",
        "time,service,load,calls_total\n1700000000,a,0.5,1\n1700000060,a,,2\n1700000060,b,1e3,3\n",
        "time,service,metric,value,pod\n2023-11-14T22:13:20Z,a,load,1,\"x,\"\"y\"\"\"\n"
          + "2023-11-14T22:14:20+01:00,b,calls_total,NaN,\n",
        "time,m{service=\"a\"},n_total{service=\"b\"}\r\n1700000000.5,1,2\r\n1700000060,2,3\r\n")
    ) { .csv(CSVSource(path: $0 + "/m.csv")) },
    ReaderSeed(
      "openmetrics",
      .init(
        "a.om",
        "# TYPE calls counter\n# UNIT calls calls\ncalls_total{service=\"a\",x=\"q\\\"\\n\"} 1 1700000000\n"
          + "calls_total{service=\"a\",x=\"q\\\"\\n\"} 2 1700000060.5 # {id=\"7\"} 1\n# EOF\n",
        "up{job=\"a\"} 1 1700000000000\nup{job=\"a\"} NaN 1700000060000\n",
        "{__name__=\"load\", \"dotted.name\"=\"b\"} 1e3 1700000000000\n")
    ) { .openMetrics(path: $0) },
    ReaderSeed(
      "grafana_csv",
      .init(
        "panel.csv",
        "\"Time\",\"cpu (%)\",\"memory\"\n2023-11-14 22:13:00,12.5,1.5 GiB\n2023-11-14 22:14:00,null,\"1,024 MiB\"\n",
        "sep=;\r\n\"Series\";\"Time\";\"Value\"\r\n\"p95\";\"2023-11-14 22:13:00\";350 ms\r\n")
    ) { .csv(.grafana(path: $0)) },
    ReaderSeed(
      "loki",
      .init(
        "l.jsonl",
        #"{"labels":{"app":"shop","level":"warn"},"line":"user 5 \u00e9 in","timestamp":"2023-11-14T22:13:20.123456789Z"}"#
          + "\n"
          + #"{"timestamp":"2023-11-14T22:13:21Z","line":"out","labels":{"pod":"cart-5b6f9d4c8-x2x9z"}}"#
          + "\n",
        #"{"status":"success","data":{"resultType":"streams","result":[{"stream":{"app":"shop"},"values":[["1700000000000000001","a b"],["1700000000000000000","{\"level\":\"error\",\"msg\":\"c\"}",{"trace_id":"x"}]]}],"stats":{}}}"#
      )
    ) { .loki(path: $0) },
    ReaderSeed(
      "trainticket", .init("metric/shop-7f8d7d756d-k7b9j_metric.csv", trainTicketMetrics),
      .init("metric/front_service.csv", trainTicketFront),
      .init("log/08_43_log.csv", trainTicketLog),
      .init(
        "incidents.csv",
        "id,start,end,service,pod,type\ni,2023-01-29T08:42:30Z,2023-01-29T08:43:30Z,shop,p,return\n"
      )
    ) { .trainTicket(path: $0) },
    ReaderSeed(
      "incidents", answers("a.json", [0]),
      .init(
        "incidents.csv",
        "id,service,kind,start,detected,resolved\na,up,leak,2023-11-14T22:13:00Z,,2023-11-14T22:14:00Z\n"
          + "b,,cpu,2023-11-14T22:13:10Z,2023-11-14T22:13:20Z,2023-11-14T22:15:00Z\n")
    ) {
      IngestConfiguration(
        interval: .minutes(1), sources: [.prometheus(path: $0 + "/a.json")],
        incidents: [IncidentsSource(path: $0 + "/incidents.csv")])
    },
  ]

  private static let logFiles = [
    ReaderSeed(
      "container_logs",
      .init(
        "shop_cart-5b6f9d4c8-x2x9z_1/cart/0.log",
        "2023-11-14T22:13:20.1Z stdout P half of \n2023-11-14T22:13:20.2Z stdout F a line\n"
          + "2023-11-14T22:13:21Z stderr F error: b\n",
        #"{"log":"one\n","stream":"stdout","time":"2023-11-14T22:13:20.5Z"}"# + "\n"
          + #"{"log":"two","stream":"stderr","time":"2023-11-14T22:13:21Z"}"# + "\n")
    ) { .containerLogs(ContainerLogSource(path: $0)) },
    ReaderSeed(
      "syslog",
      .init(
        "messages",
        "<34>1 2023-11-14T22:13:20.003Z host su 12 ID47 [a@1 b=\"c\\]\"] \u{FEFF}failed\n<13>1 - - - - - -\n",
        "Nov 14 22:13:20 host cron[12]: started\nNov 14 22:13:21 host kernel: oops\n",
        "<165>Nov 14 22:13:20 host app: x\n45 <13>1 2023-11-14T22:13:20Z host app - - - framed\n")
    ) { .syslog(SyslogSource(path: $0, year: 2023)) },
    ReaderSeed(
      "pattern",
      .init(
        "app.log",
        "2023-11-14 22:13:20,123 [WARN] slow\n  at a.b(C.java:1)\n2023-11-14 22:13:21 [INFO] done\n"
      )
    ) {
      .pattern(
        PatternSource(
          path: $0,
          expression: #"(?<time>\S+ \S+) \[(?<level>\w+)\] (?<message>.*)"#, isMultiline: true))
    },
  ]

  private static let tables = [
    ReaderSeed(
      "smd", .init("train/machine-1-1.txt", row(38) + row(38)),
      .init("test/machine-1-1.txt", row(38) + row(38)),
      .init("test_label/machine-1-1.txt", "0\n1\n")
    ) { .smd(path: $0, machine: "1-1") },
    ReaderSeed(
      .asd, "omi-1", .init("train/omi-1.csv", row(19) + row(19)),
      .init("test/omi-1.csv", row(19) + row(19)), .init("test_label/omi-1.txt", "0\n1\n"),
      .init("interpretation_label/omi-1.txt", "1-1:3,4\n"),
      .init("anomaly_type.csv", "dataset,anomaly_segment,anomaly_type\nomi-1,1-1,temporal\n")),
    ReaderSeed(
      .jumpstarter, "service3", .init("Dataset2/train/service3.csv", row(19)),
      .init("Dataset2/test/service3.csv", row(19) + row(19)),
      .init("Dataset2/test_label/service3.csv", "1\r\n0\r\n")),
    ReaderSeed(
      .cloudMonitoring, "consumer-purchase-rate/p",
      .init(
        "data/consumer-purchase-rate/p.csv",
        "TimeStamp,Value,Label\n2018-03-15T00:00:00Z,1,0\n2018-03-15 01:00:00,,1\n\"2018-03-15T02:00:00Z\",3,1\n"
      )),
    ReaderSeed(
      .nab, "realX/a",
      .init("data/realX/a.csv", "timestamp,value\n2014-01-07 00:00:00,1\n2014-01-07 00:05:00,2\n"),
      .init(
        "labels/combined_windows.json",
        #"{"b":[],"realX/a.csv":[["2014-01-07 00:00:00.000000","2014-01-07 00:05:00.000000"]]}"#)),
    ReaderSeed(
      .msl, "A-1", .init("train/A-1.npy", bytes: array([1, 2, 3, 4], "2, 2")),
      .init("test/A-1.npy", bytes: array([5, 6, 7, 8], "2, 2")),
      .init(
        "labeled_anomalies.csv",
        "chan_id,spacecraft,anomaly_sequences,class,num_values\nA-1,MSL,\"[[0, 1]]\",[point],2\n")),
    ReaderSeed(
      .logSequences, "hdfs-100k",
      .init("hdfs-100k/templates.csv", "event_id,template\n1,Receiving <*>\n2,\"Lost, <*>\"\n"),
      .init("hdfs-100k/sessions_train.csv", "session,label,events\nb1,0,1 2 1\n"),
      .init("hdfs-100k/sessions_test.csv", "session,label,events\nb2,1,2 2\nb3,0,1\n")),
    ReaderSeed(
      .logSequences, "openstack",
      .init("openstack/OpenStack_templates.csv", "GET <*>, 200\nPOST <*>\n"),
      .init("openstack/openstack_train", "i1,1 2\n"),
      .init("openstack/openstack_test_normal", "i2,1\n"),
      .init("openstack/openstack_test_abnormal", "i3,2 2 1\n")),
  ]

  private static let logs: [(system: String, lines: String)] = [
    (
      "Apache", "[Sun Dec 04 04:47:44 2005] [notice] workerEnv.init() ok /etc/workers2.properties\n"
    ),
    (
      "BGL",
      "- 1117838570 2005.06.03 R02-M1 2005-06-03-15.42.50.675872 R02-M1 RAS KERNEL INFO parity error\n"
        + "KERNDTLB 1117838573 2005.06.03 R02 2005-06-03-15.42.53.27 R02 RAS KERNEL FATAL data TLB\n"
    ),
    (
      "HDFS", "081109 203615 148 INFO dfs.DataNode$PacketResponder: PacketResponder 1 terminating\n"
    ),
    ("Hadoop", "2015-10-18 18:01:47,978 INFO [main] org.apache.MRAppMaster: Created MRAppMaster\n"),
    (
      "Linux",
      "Jun 14 15:16:01 combo sshd(pam_unix)[19939]: authentication failure; logname= uid=0\n"
    ),
    (
      "OpenStack",
      "nova-api.log.1.2017-05-16_13:53:08 2017-05-16 00:00:00.008 25746 INFO nova.osapi [req-3] GET\n"
    ),
    (
      "Spark", "17/06/09 20:10:40 INFO executor.CoarseGrainedExecutorBackend: Registered handlers\n"
    ),
    (
      "Windows",
      "2016-09-28 04:30:30, Info                  CBS    Loaded Servicing Stack v6.1.7601\r\n"
    ),
  ]

  private static func answers(
    _ name: String, _ numbers: [Int] = [0, 2, 3, 4]
  ) -> ReaderSeed.File {
    // The second has an instant far from the others, the last is an error.
    ReaderSeed.File(name, contents: numbers.map { Array(AnswerSeeds.all[$0].utf8) })
  }

  private static func row(_ width: Int) -> String {
    (0..<width).map { "0.\($0)" }.joined(separator: ",") + "\n"
  }

  private static func array(_ values: [Double], _ shape: String) -> [UInt8] {
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (\(shape)), }\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
      + values.flatMap { value in
        (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> ($0 * 8)) }
      }
  }

  private static let trainTicketMetrics = """
    Time,TimeStamp,PodName,CpuUsage(m),PodServerLatencyP90(s),PodSuccessRate(%)
    2023-01-29 08:41:10.649486457 +0000 UTC m=+1.725648324,1,shop-7f8d7d756d-k7b9j,1,0.5,0
    2023-01-29 08:44:10.649486457 +0000 UTC m=+1.725648324,1,shop-7f8d7d756d-k7b9j,4,3600,0

    """
  private static let trainTicketFront = """
    Time,TimeStamp,ServiceName,SuccessRate(%),LatencyP50(s)
    2023-01-29 08:42:09.649486457 +0000 UTC m=+1.725648324,1,Frontend,0,7

    """
  private static let trainTicketLog = #"""
    Timestamp,TimeUnixNano,Node,PodName,Container,TraceID,SpanID,Log
    2023-01-29T08:42:12Z,1674981732000000000,n,shop-7f8d7d756d-k7b9j,server,t,s,"{""log"":""INFO a.B#1 one\n"",""stream"":""stdout"",""time"":""2023-01-29T08:42:12.5Z""}"
    2023-01-29T08:43:08Z,-6795364578871345152,n,shop-7f8d7d756d-k7b9j,server,t,s,"{""log"":""WARN a.B#2 two\n"",""stream"":""stdout"",""time"":""2023-01-29T08:43:08Z""}"

    """#
}
