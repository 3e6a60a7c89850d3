#include "engine/bought_answers.h"

#include <string>
#include <utility>

#include "base/status_macros.h"
#include "engine/next_step.h"

namespace enrich {

absl::Status BoughtAnswers::Load(Store& store,
                                 absl::Span<const Identity> identities) {
  ASSIGN_OR_RETURN(std::vector<BoughtAnswer> answers,
                   store.ReadAnswers(identities));
  for (BoughtAnswer& answer : answers) {
    by_identity_[answer.identity].push_back(std::move(answer));
  }
  return absl::OkStatus();
}

// A lookup that had to wait for an answer gets it, however short its life: it
// came after the batch.
bool BoughtAnswers::Counts(const BoughtAnswer& answer,
                           const BatchInfo& batch) const {
  if (batch.plan.bypass_cache) return answer.ask_time >= batch.create_time;
  return answer.answer_time + lifetimes_.Of(answer.answer.outcome) >=
         batch.create_time;
}

const BoughtAnswer* BoughtAnswers::Find(const BatchInfo& batch,
                                        const Identity& identity,
                                        ContactField field,
                                        absl::string_view account) const {
  const auto known = by_identity_.find(identity);
  if (known == by_identity_.end()) return nullptr;
  const auto of = [&](absl::string_view name) -> const BoughtAnswer* {
    for (const BoughtAnswer& answer : known->second) {
      if (answer.answer.field == field && answer.account == name &&
          Counts(answer, batch)) {
        return &answer;
      }
    }
    return nullptr;
  };
  for (const std::string& name : batch.plan.AccountsFor(field)) {
    const BoughtAnswer* answer = of(name);
    if (answer != nullptr && Suffices(answer->answer, batch.plan)) {
      return answer;
    }
  }
  return of(account);
}

}  // namespace enrich
