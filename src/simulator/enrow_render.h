#ifndef ENRICH_SIMULATOR_ENROW_RENDER_H_
#define ENRICH_SIMULATOR_ENROW_RENDER_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "model/credits.h"
#include "simulator/enrow_request.h"
#include "simulator/person_oracle.h"

// Enrow's bodies.
namespace enrich::simulator {

enum class EnrowJobState : uint8_t { kRunning, kCompleted, kFailed };

struct EnrowJob {
  std::string id = {};
  const EnrowEndpoint* endpoint = nullptr;
  std::string account = {};
  EnrowRequest request = {};
  // Of one item found (or verified), and of all.
  Credits item_price = {};
  Credits price = {};
  absl::Time begun = absl::InfinitePast();
  absl::Duration takes = absl::ZeroDuration();
  EnrowJobState state = EnrowJobState::kRunning;
  // Set at the end.
  int64_t good = 0;
  Credits cost = {};
};

// Whether the item is found (a valid address for a verification).
bool IsGood(const PersonOracle& oracle, const EnrowJob& job,
            const EnrowItem& item);

// The answer to an accepted POST.
std::string RenderEnrowAccepted(const EnrowJob& job);

// The answer to a GET at `now`.
std::string RenderEnrowJob(const PersonOracle& oracle, const EnrowJob& job,
                           absl::Time now);

// The webhook of a job that has ended.
std::string RenderEnrowWebhook(const PersonOracle& oracle, const EnrowJob& job);

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_ENROW_RENDER_H_
