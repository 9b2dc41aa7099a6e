internal import Telemetry

extension TemplateMiner {
  /// A template and what is known of it.
  struct Slot: Sendable {
    var template: LogTemplate
    var words: TemplateWords
    /// Position in the order of foundation.
    var founded: Int
    /// Lines or patterns that joined.
    var lines = 0
    /// The number of lines seen when the last one joined.
    var lastUse = 0
    /// Changes whenever a pattern of the group might belong to another template than before.
    var stamp = 0
  }

  mutating func use(_ slot: Int) {
    slots[slot].lines += 1
    slots[slot].lastUse = lines
  }

  /// Finds, generalises or founds the template of a pattern and returns its slot.
  mutating func learn(_ pattern: LogPattern) -> Int? {
    lines += 1
    let tokens = templateTokens(of: pattern.text)
    let words = TemplateWords(tokens, level: pattern.level)
    let members = groups[words.group] ?? []
    guard
      let slot = covering(words, members) ?? joining(words, tokens, members)
        ?? found(pattern, words, tokens)
    else {
      overflow += 1
      return nil
    }
    use(slot)
    return slot
  }

  /// The most specific template that covers a pattern, of equally specific ones the oldest.
  private func covering(_ words: TemplateWords, _ members: [Int]) -> Int? {
    members.filter { slots[$0].words.covers(words) }.min {
      (slots[$0].words.openness, slots[$0].founded)
        < (slots[$1].words.openness, slots[$1].founded)
    }
  }

  /// The most similar template, made general enough for a pattern; nil when none is similar enough.
  private mutating func joining(
    _ words: TemplateWords, _ tokens: [String], _ members: [Int]
  ) -> Int? {
    var best: (slot: Int, likeness: TemplateWords.Likeness)?
    var crowd = 0
    for slot in members {
      let likeness = slots[slot].words.likeness(to: words)
      if likeness.reaches(configuration.crowdSimilarity) { crowd += 1 }
      if let best {
        if likeness < best.likeness { continue }
        if likeness == best.likeness, slots[slot].founded > slots[best.slot].founded { continue }
      }
      best = (slot, likeness)
    }
    guard let best else { return nil }
    let threshold =
      crowd >= configuration.crowd
      ? min(configuration.similarity, configuration.crowdSimilarity) : configuration.similarity
    guard best.likeness.reaches(threshold) else { return nil }
    return generalize(best.slot, for: words, tokens)
  }

  /// Frees the words in which a template and a pattern differ, and takes in the templates that it
  /// covers now. Returns the slot where the template is then.
  private mutating func generalize(
    _ slot: Int, for words: TemplateWords, _ tokens: [String]
  ) -> Int {
    for index in words.words.indices
    where !slots[slot].words.words[index].covers(words.words[index]) {
      let token = generalized(slots[slot].template.tokens[index], tokens[index])
      slots[slot].words.words[index] = TemplateWords.Word(token)
      slots[slot].template.tokens[index] = token
    }
    let members = groups[words.group] ?? []
    var covered = members.filter { $0 != slot && slots[slot].words.covers(slots[$0].words) }
    let id = slots[slot].template.id
    touch(words.group)
    guard !covered.isEmpty else { return slot }
    // The oldest identity stays.
    covered.append(slot)
    let oldest = covered.min { slots[$0].founded < slots[$1].founded } ?? slot
    let heir = slots[oldest].template.id
    slots[slot].template = LogTemplate(
      id: heir, level: slots[slot].template.level, tokens: slots[slot].template.tokens)
    slots[slot].founded = slots[oldest].founded
    merged += covered.count - 1
    for other in covered where other != slot {
      slots[slot].lines += slots[other].lines
      succeed(slots[other].template.id, heir)
    }
    succeed(id, heir)
    // From the last slot down, so that removal never moves one that is still to go.
    for other in covered.sorted(by: >) where other != slot { remove(other) }
    return groups[words.group]?.first { slots[$0].template.id == heir } ?? slot
  }

  private mutating func succeed(_ id: TemplateID, _ heir: TemplateID) {
    guard id != heir else { return }
    identities.remove(id)
    for index in successions.indices where successions[index].to == id {
      successions[index].to = heir
    }
    successions.append((id, heir))
    if successions.count > configuration.templates { successions.removeFirst() }
  }

  private mutating func found(
    _ pattern: LogPattern, _ words: TemplateWords, _ tokens: [String]
  ) -> Int? {
    let id = TemplateID(of: pattern)
    guard !identities.contains(id) else { return nil }
    if slots.count >= configuration.templates {
      guard configuration.whenFull == .evict,
        let stale = slots.indices.min(by: { slots[$0].lastUse < slots[$1].lastUse })
      else { return nil }
      identities.remove(slots[stale].template.id)
      remove(stale)
      evicted += 1
    }
    founded += 1
    // One that comes back leads to itself again.
    successions.removeAll { $0.from == id }
    append(LogTemplate(id: id, level: pattern.level, tokens: tokens), words)
    touch(words.group)
    return slots.count - 1
  }

  mutating func append(_ template: LogTemplate, _ words: TemplateWords) {
    identities.insert(template.id)
    groups[words.group, default: []].append(slots.count)
    slots.append(Slot(template: template, words: words, founded: nextNumber, lastUse: lines))
    nextNumber += 1
  }

  /// Removes a slot; the last one moves into its place.
  ///
  /// What is remembered about patterns of the moved slot points behind the end or to a newer stamp.
  private mutating func remove(_ slot: Int) {
    let group = slots[slot].words.group
    groups[group]?.removeAll { $0 == slot }
    if groups[group]?.isEmpty == true { groups[group] = nil }
    let last = slots.count - 1
    if slot != last {
      let moved = slots[last].words.group
      if let index = groups[moved]?.firstIndex(of: last) {
        groups[moved]?[index] = slot
      }
      slots[slot] = slots[last]
    }
    slots.removeLast()
    touch(group)
  }
}
