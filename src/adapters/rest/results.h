#ifndef ENRICH_ADAPTERS_REST_RESULTS_H_
#define ENRICH_ADAPTERS_REST_RESULTS_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "adapters/rest/answer_body.h"
#include "adapters/rest/job_ids.h"
#include "adapters/rest/plan.h"
#include "provider/adapter.h"

namespace enrich::rest {

// Against what the elements of a body are read. Borrows what it points to.
struct ResultScope {
  const ResultPlan& plan;
  // In messages: "poll.results".
  absl::string_view part = {};
  // A list of more elements than a job can have is no result.
  size_t max_elements = 0;
  // Contacts of the job.
  int item_count = 0;
  bool want_raw = false;
  // The job ended early: a miss may be a search that never ran.
  bool found_only = false;
  // Whether there may be no list (yet).
  bool may_be_missing = false;
  // Whether Results.settled is wanted.
  bool count_settled = false;
  // Whether positions mean something here.
  bool ordered = true;
  // Elements on the pages before.
  int first_position = 0;
  // The one contact the body is about, where only one contact's job was read.
  const ItemJob* only_job = nullptr;
  // Of `job_per_item`, else null.
  const std::vector<ItemJob>* item_jobs = nullptr;
};

struct Results {
  std::vector<ItemAnswer> items = {};
  // Of all lists, those that match no contact included.
  size_t elements = 0;
  // Elements whose contact the provider is not done with, or whose contact or
  // state is not known.
  size_t open = 0;
  // Contacts that it is done with.
  size_t settled = 0;
};

// Reads the elements of `lists`, with `current` as `@`. Nothing when a list is
// not there or has too many elements. What deviates is noted in `body`; ask it
// whether it was readable before believing anything.
std::optional<Results> ReadResults(const ResultLists& lists,
                                   const Value& current,
                                   const ResultScope& scope, AnswerBody& body);

// How many elements the results of a job of so many contacts can have.
size_t MaxElements(const Plan& plan, const OperationPlan& operation,
                   int item_count);

// The answer that says the same of each of `fields`, without values.
std::vector<FieldAnswer> SameForAll(const std::vector<FieldPlan>& fields,
                                    Outcome outcome, FailureReason reason);

// The index of a position as number or text; nothing past `item_count`.
std::optional<int> PositionOf(const Value& value, int item_count, Arena& arena);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_RESULTS_H_
