import Testing

/// One test at a time: some count the descriptors of this very process.
@Suite(.serialized) enum ProcessesTests {}
