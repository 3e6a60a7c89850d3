#ifndef ENRICH_ENGINE_NEXT_STEP_H_
#define ENRICH_ENGINE_NEXT_STEP_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/account.h"
#include "model/batch.h"
#include "model/contact.h"
#include "model/result.h"

// What happens to a contact: pure functions over its progress.
namespace enrich {

// Fields of one contact to ask of one operation of one account.
struct Ask {
  const Account* account = nullptr;
  const OperationSpec* operation = nullptr;
  FieldSet fields = {};
};

// What an attempt at an account has in common for all its fields.
struct AttemptContext {
  absl::string_view account = {};
  absl::Time start_time = absl::UnixEpoch();
  absl::Time now = absl::UnixEpoch();
  // When what it says was bought, if that was before: it costs nothing now.
  std::optional<absl::Time> cached_from = {};
};

// Whether an answer ends the search of a batch with this plan.
bool Suffices(const FieldAnswer& answer, const BatchPlan& plan);

// Progress of a contact of which nothing is known yet: its fields, all open.
ContactProgress StartProgress(const Contact& contact);

// Moves every open field of `fields` to the next provider of its waterfall that
// can take it, noting those passed over, and closes the fields for which nobody
// is left. A provider that was asked or passed over before is not returned
// again.
std::vector<Ask> Advance(const Contact& contact, const BatchPlan& plan,
                         const Accounts& accounts, FieldSet fields,
                         ContactProgress& progress);

// Notes what the account said of the fields in `asked`. A field is closed as
// found when a value is good enough for the plan; a field that was closed
// before takes up the news (a late answer). An account that was asked twice
// answers twice: the first word stands, unless a value follows "not found".
// Returns the fields answered; those among them that are still open need
// Advance.
FieldSet ApplyAnswer(const AttemptContext& context, const BatchPlan& plan,
                     FieldSet asked, const ItemAnswer& answer,
                     ContactProgress& progress);

// Notes that the account gave no answer for `fields`. kOutcomeUnknown closes
// the lookup as unknown: asking elsewhere could pay twice. After any other
// reason the open fields need Advance. Changes nothing where something is noted
// of the account: what was answered is, and what was in doubt stays so.
void ApplyFailure(const AttemptContext& context, FieldSet fields,
                  FailureReason reason, absl::string_view message,
                  ContactProgress& progress);

// Closes `fields` that are open without an attempt.
void Close(FieldSet fields, Outcome outcome, absl::string_view explanation,
           ContactProgress& progress);

// What a change from `before` to `after` adds to the batch's counters. With
// `newly_done`, the whole of `after` counts, and the contact with it.
BatchCounters CountersDelta(const ContactProgress& before,
                            const ContactProgress& after, bool newly_done);

// Whether an answer may still change the result of a contact that is done, so
// that its progress must be kept.
bool MayBeCorrected(const ContactProgress& progress);

}  // namespace enrich

#endif  // ENRICH_ENGINE_NEXT_STEP_H_
