#ifndef ENRICH_MODEL_EVENT_FRAME_H_
#define ENRICH_MODEL_EVENT_FRAME_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

// The result log keeps events exactly as WatchResultsResponse carries them: a
// run of `repeated ResultEvent events = 1` entries. A watcher is then served by
// handing out stored bytes. Positions are known only inside the transaction
// that commits an event, so the store prefixes them to the serialised rest.
namespace enrich {

// Fields of ResultEvent that the store allocates.
struct EventPosition {
  int64_t revision = 0;
  int64_t sequence = 0;
};

// Appends one entry. `body` is a serialised ResultEvent without revision and
// sequence.
void AppendEventFrame(std::string& out, EventPosition position,
                      absl::string_view body);

struct EventFrame {
  EventPosition position = {};
  // The entry with its tag and length, as stored.
  absl::string_view entry = {};
  // The serialised ResultEvent.
  absl::string_view message = {};
};

// Takes the first entry off `frames`. Empty at the end or on malformed input.
std::optional<EventFrame> NextEventFrame(absl::string_view& frames);

}  // namespace enrich

#endif  // ENRICH_MODEL_EVENT_FRAME_H_
