#ifndef ENRICH_SIMULATOR_FULLENRICH_RENDER_H_
#define ENRICH_SIMULATOR_FULLENRICH_RENDER_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "model/credits.h"
#include "simulator/fullenrich_request.h"
#include "simulator/person_oracle.h"

// FullEnrich's bodies.
namespace enrich::simulator {

enum class FullEnrichStatus : uint8_t {
  kInProgress,
  kFinished,
  kCanceled,
  kCreditsInsufficient,
  kRateLimit,
};

struct FullEnrichJob {
  std::string id = {};
  std::string account = {};
  FullEnrichRequest request = {};
  FullEnrichStatus status = FullEnrichStatus::kInProgress;
  // What it ends as, after how many contacts.
  FullEnrichStatus ends_as = FullEnrichStatus::kFinished;
  size_t ends_after = 0;
  // When each contact is due, by index; sorted by time.
  std::vector<std::pair<absl::Time, size_t>> order = {};
  // How many of `order` are done, and which contacts.
  size_t done_count = 0;
  std::vector<bool> done = {};
  // Per contact: what it has had within three months and is not charged for.
  std::vector<FieldSet> free = {};
  Credits cost = {};
};

// What an enrichment of `contact` costs: per field found, landlines and
// INVALID e-mails free, and nothing for FullEnrich's own person.
Credits FullEnrichPrice(const PersonOracle& oracle,
                        const FullEnrichContact& contact, FieldSet free,
                        FullEnrichJobKind kind);

// The text that makes two inputs the same input.
std::string InputKey(const FullEnrichContact& contact);

// The job with every contact that is done.
std::string RenderFullEnrichJob(const PersonOracle& oracle,
                                const FullEnrichJob& job);
// As seen live while a job runs: no data.
std::string RenderFullEnrichRunning(const FullEnrichJob& job);
// The event of one contact; its cost is that of the job so far.
std::string RenderFullEnrichContact(const PersonOracle& oracle,
                                    const FullEnrichJob& job, size_t index);

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_FULLENRICH_RENDER_H_
