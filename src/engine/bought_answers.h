#ifndef ENRICH_ENGINE_BOUGHT_ANSWERS_H_
#define ENRICH_ENGINE_BOUGHT_ANSWERS_H_

#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/bought_answer.h"
#include "store/store.h"

namespace enrich {

// Answers that need not be bought again, read for one decision.
class BoughtAnswers {
 public:
  explicit BoughtAnswers(const AnswerLifetimes& lifetimes)
      : lifetimes_(lifetimes) {}

  // Reads what is known of these.
  absl::Status Load(Store& store, absl::Span<const Identity> identities);

  bool empty() const { return by_identity_.empty(); }

  // The answer that spares a lookup of the batch at `account`: a value of
  // sufficient quality from any account of its waterfall, else what the account
  // itself said. Null when it must be asked.
  const BoughtAnswer* Find(const BatchInfo& batch, const Identity& identity,
                           ContactField field, absl::string_view account) const;

 private:
  // Whether the answer was good when the batch was accepted.
  bool Counts(const BoughtAnswer& answer, const BatchInfo& batch) const;

  const AnswerLifetimes lifetimes_;
  absl::flat_hash_map<Identity, std::vector<BoughtAnswer>> by_identity_;
};

}  // namespace enrich

#endif  // ENRICH_ENGINE_BOUGHT_ANSWERS_H_
