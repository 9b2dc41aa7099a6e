public import ArgumentParser
public import Experiments
public import Tuning

// Words of other targets as values of options.
extension RunRecord.Kind: ExpressibleByArgument {}
extension TuningMethod: ExpressibleByArgument {}
extension TuningObjective: ExpressibleByArgument {}
