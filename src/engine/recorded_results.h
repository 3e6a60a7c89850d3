#ifndef ENRICH_ENGINE_RECORDED_RESULTS_H_
#define ENRICH_ENGINE_RECORDED_RESULTS_H_

#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "engine/event_encoder.h"
#include "model/result.h"
#include "store/store.h"

namespace enrich {

// What the log of a batch last said of some of its contacts, given by their
// positions in the batch, with the sequence of that event. Contacts without a
// result are left out.
//
// Costs one pass over the batch's log, a portion in memory at a time: a batch
// of 10,000 contacts is some 10 MB to read, of which only the events asked for
// are parsed.
absl::StatusOr<absl::flat_hash_map<int64_t, ContactProgress>>
ReadRecordedResults(Store& store, const EventEncoder& encoder,
                    int64_t batch_key,
                    const absl::flat_hash_set<int64_t>& positions);

}  // namespace enrich

#endif  // ENRICH_ENGINE_RECORDED_RESULTS_H_
