/// Writes incidents as a CSV file, numbered in their order.
enum IncidentsText {
  /// The file's bytes.
  static func bytes(of incidents: [PlannedIncident]) -> [UInt8] {
    var text = "id,service,kind,start,detected,resolved\n"
    for (index, incident) in incidents.enumerated() {
      let number = String(index + 1)
      let id = "INC-" + String(repeating: "0", count: max(0, 3 - number.count)) + number
      text += "\(id),\(incident.service),\(incident.kind.rawValue),"
      text += "\(incident.start),\(incident.detected),\(incident.resolved)\n"
    }
    return Array(text.utf8)
  }
}
