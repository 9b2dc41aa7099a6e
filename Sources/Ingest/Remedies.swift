/// What to do about items that were left out for a reason of the report.
func remedy(for reason: String) -> String {
  switch reason {
  case "bad_time": "correct the times, or set the source's time_format"
  case "bad_number": "correct the values, or map the columns in the source's configuration"
  case "wrong_field_count": "correct the rows, or their delimiter"
  case "no_time": "set the source's time, or export with times"
  case "no_metric": "name the metric in each row, or map the columns"
  case "invalid_utf8": "save the export as UTF-8"
  case "conflicting_timestamp":
    "export one of the replicas or recordings that contradict each other"
  case "not_finite": "leave infinite values out of the query, such as divisions by zero"
  case "native_histogram": "export the histogram's classic buckets or its quantiles"
  case "column_name_taken": "rename one of the two metrics"
  case "long_line", "long_record": "correct the export, whose lines should not be so long"
  case "missing_part":
    "fetch the part that is missing, or keep other exports in a folder of their own"
  case "repeated_line": "leave out one of the files that overlap"
  case "malformed_line": "remove the lines of another format, or name the source's real type"
  case "no_match": "widen the source's expression, or set multiline for messages of several lines"
  case "too_hard_to_match": "simplify the source's expression"
  case "unknown_unit": "map the metric's unit with the source's units"
  case "truncated_line", "missing_eof": "repeat the export, which ended early"
  default: "correct the export or the source's configuration"
  }
}
