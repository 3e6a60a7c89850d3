#ifndef ENRICH_MODEL_BOUGHT_ANSWER_H_
#define ENRICH_MODEL_BOUGHT_ANSWER_H_

#include <string>

#include "absl/time/time.h"
#include "model/identity.h"
#include "model/result.h"

namespace enrich {

// What an account said of one lookup, kept so that it is not bought again.
struct BoughtAnswer {
  Identity identity = {};
  std::string account = {};
  // When it was asked for, and when it came.
  absl::Time ask_time = absl::UnixEpoch();
  absl::Time answer_time = absl::UnixEpoch();
  // kFound or kNotFound; `credits` is what it cost.
  FieldAnswer answer = {};
  // Empty `provider` when the account sent none.
  Profile profile = {};
  // The provider's item, if somebody asked for it then.
  std::string raw = {};
};

// How long answers are good for.
struct AnswerLifetimes {
  absl::Duration found = absl::Hours(720);
  absl::Duration not_found = absl::Hours(24);

  absl::Duration Of(Outcome outcome) const {
    return outcome == Outcome::kFound ? found : not_found;
  }
};

}  // namespace enrich

#endif  // ENRICH_MODEL_BOUGHT_ANSWER_H_
