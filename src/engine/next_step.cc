#include "engine/next_step.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

namespace enrich {
namespace {

bool WasAsked(const FieldProgress& field, absl::string_view account) {
  return absl::c_any_of(field.attempts, [&](const Attempt& attempt) {
    return attempt.provider == account;
  });
}

void PassOver(absl::string_view account, absl::string_view why,
              FieldProgress& field) {
  field.attempts.push_back({.provider = std::string(account),
                            .outcome = Outcome::kSkipped,
                            .error_reason = std::string(FailureReasonName(
                                FailureReason::kInsufficientInput)),
                            .error_message = std::string(why),
                            .decision = "went on: not asked"});
}

bool Has(const FieldProgress& field, Outcome outcome) {
  return absl::c_any_of(field.attempts, [&](const Attempt& attempt) {
    return attempt.outcome == outcome;
  });
}

// The outcome of a lookup nobody is left to be asked about. An outage outranks
// "not found": nobody may read one for the other.
void Conclude(FieldProgress& field) {
  if (Has(field, Outcome::kUnknown)) {
    field.outcome = Outcome::kUnknown;
  } else if (Has(field, Outcome::kFailed)) {
    field.outcome = Outcome::kFailed;
  } else if (Has(field, Outcome::kNotFound) || Has(field, Outcome::kFound)) {
    // Found, but nothing good enough: the values are listed all the same.
    field.outcome = Outcome::kNotFound;
    if (!field.emails.empty()) {
      field.explanation = "only values below the quality asked for";
    }
  } else {
    field.outcome = Outcome::kSkipped;
    field.explanation = field.attempts.empty()
                            ? "no provider is configured for this field"
                            : "no provider can use the inputs given";
  }
}

std::optional<Ask> NextAsk(const Contact& contact, const BatchPlan& plan,
                           const Accounts& accounts, FieldProgress& field) {
  for (const std::string& name : plan.AccountsFor(field.field)) {
    if (WasAsked(field, name)) continue;
    const Account* account = accounts.Find(name);
    const OperationSpec* operation =
        account == nullptr ? nullptr : OperationFor(*account, field.field);
    if (operation == nullptr) {
      PassOver(name, "does not look up this field", field);
    } else if (!account->adapter->Accepts(contact, field.field)) {
      PassOver(name, "needs inputs this contact does not have", field);
    } else {
      return Ask{account, operation, field.field};
    }
  }
  return std::nullopt;
}

void Merge(const Ask& ask, std::vector<Ask>& asks) {
  for (Ask& known : asks) {
    if (known.operation == ask.operation) {
      known.fields |= ask.fields;
      return;
    }
  }
  asks.push_back(ask);
}

void AddValues(const AttemptContext& context, const FieldAnswer& answer,
               FieldProgress& field) {
  const bool first = field.emails.empty() && field.phones.empty();
  for (const EmailValue& email : answer.emails) {
    const auto known = absl::c_find_if(field.emails, [&](const EmailValue& e) {
      return e.address == email.address;
    });
    if (known == field.emails.end()) {
      field.emails.push_back(email);
    } else {
      // Two providers, one address: the better verdict stands.
      known->quality = std::min(known->quality, email.quality);
    }
  }
  for (const PhoneValue& phone : answer.phones) {
    const bool known = absl::c_any_of(field.phones, [&](const PhoneValue& p) {
      return p.e164 == phone.e164 &&
             p.provider_spelling == phone.provider_spelling;
    });
    if (!known) field.phones.push_back(phone);
  }
  if (field.emails.size() > 1) {
    absl::c_stable_sort(field.emails, [](const auto& a, const auto& b) {
      return a.quality < b.quality;
    });
  }
  if (first) field.provider = std::string(context.account);
}

// The line of the trace for this account, null for none.
Attempt* FindAttempt(const AttemptContext& context, FieldProgress& field) {
  for (Attempt& attempt : field.attempts) {
    if (attempt.provider == context.account) return &attempt;
  }
  return nullptr;
}

// Likewise, making it where there is none: a late answer replaces the failure
// or the doubt that was noted when none came.
Attempt& AttemptOf(const AttemptContext& context, FieldProgress& field) {
  Attempt* attempt = FindAttempt(context, field);
  return attempt != nullptr ? *attempt : field.attempts.emplace_back();
}

// Whether the account has had its say: counting it twice would be wrong.
bool WasAnswered(const AttemptContext& context, const FieldAnswer& answer,
                 FieldProgress& field) {
  const Attempt* attempt = FindAttempt(context, field);
  if (attempt == nullptr) return false;
  if (attempt->outcome == Outcome::kNotFound) {
    return answer.outcome != Outcome::kFound;
  }
  return attempt->outcome == Outcome::kFound;
}

void NoteAttempt(const AttemptContext& context, Attempt noted,
                 FieldProgress& field) {
  noted.provider = std::string(context.account);
  noted.start_time = context.start_time;
  // The clock may have been set back meanwhile.
  noted.duration =
      std::max(context.now - context.start_time, absl::ZeroDuration());
  if (context.cached_from.has_value()) {
    noted.cached_from = context.cached_from;
    noted.saved = std::exchange(noted.credits, Credits());
    absl::StrAppend(&noted.decision, ", from the cache");
  }
  AttemptOf(context, field) = std::move(noted);
}

// What a provider said of one contact that it gave no answer for.
absl::string_view WordsFor(FailureReason reason) {
  switch (reason) {
    case FailureReason::kContractDrift:
      return "the provider answered in a way its contract does not know";
    case FailureReason::kProviderRejected:
      return "the provider refused this contact";
    case FailureReason::kOutOfCredits:
      return "the account ran out of credits";
    default:
      return "the provider could not process this contact";
  }
}

void ApplyField(const AttemptContext& context, const BatchPlan& plan,
                const FieldAnswer& answer, FieldProgress& field) {
  if (WasAnswered(context, answer, field)) return;
  const bool was_open = field.outcome == Outcome::kOpen;
  Attempt attempt = {.outcome = answer.outcome, .credits = answer.credits};
  if (answer.outcome == Outcome::kFound && Suffices(answer, plan)) {
    attempt.decision = was_open ? "stopped: a value of sufficient quality"
                                : "arrived after the lookup had ended";
    NoteAttempt(context, std::move(attempt), field);
    const bool better = field.outcome != Outcome::kFound;
    AddValues(context, answer, field);
    if (better) {
      field.outcome = Outcome::kFound;
      field.provider = std::string(context.account);
      field.explanation.clear();
    }
    return;
  }
  if (answer.outcome == Outcome::kFound) {
    attempt.decision = "went on: below the quality asked for";
    AddValues(context, answer, field);
  } else if (answer.outcome == Outcome::kNotFound) {
    attempt.decision = "went on: not found";
  } else {
    const FailureReason reason = answer.reason == FailureReason::kNone
                                     ? FailureReason::kJobFailed
                                     : answer.reason;
    attempt.error_reason = std::string(FailureReasonName(reason));
    attempt.error_message = std::string(WordsFor(reason));
    attempt.decision = "went on: failed";
  }
  NoteAttempt(context, std::move(attempt), field);
  if (!was_open && field.outcome != Outcome::kFound) Conclude(field);
}

}  // namespace

bool Suffices(const FieldAnswer& answer, const BatchPlan& plan) {
  if (answer.field == ContactField::kPhone) return !answer.phones.empty();
  if (answer.field == ContactField::kEmailVerification) {
    // What was asked for is a verdict, good or bad.
    return absl::c_any_of(answer.emails, [](const EmailValue& email) {
      return email.quality != EmailQuality::kUnknown;
    });
  }
  return absl::c_any_of(answer.emails, [&](const EmailValue& email) {
    return email.quality <= plan.min_email_quality;
  });
}

ContactProgress StartProgress(const Contact& contact) {
  ContactProgress progress;
  for (const ContactField field : contact.fields) {
    progress.fields.push_back({.field = field});
  }
  return progress;
}

std::vector<Ask> Advance(const Contact& contact, const BatchPlan& plan,
                         const Accounts& accounts, FieldSet fields,
                         ContactProgress& progress) {
  std::vector<Ask> asks;
  for (FieldProgress& field : progress.fields) {
    if (!fields.Has(field.field) || field.outcome != Outcome::kOpen) continue;
    if (const auto ask = NextAsk(contact, plan, accounts, field)) {
      Merge(*ask, asks);
    } else {
      Conclude(field);
    }
  }
  return asks;
}

FieldSet ApplyAnswer(const AttemptContext& context, const BatchPlan& plan,
                     FieldSet asked, const ItemAnswer& answer,
                     ContactProgress& progress) {
  FieldSet applied;
  for (const FieldAnswer& field_answer : answer.fields) {
    if (!asked.Has(field_answer.field)) continue;
    FieldProgress* field = progress.Find(field_answer.field);
    if (field == nullptr) continue;
    ApplyField(context, plan, field_answer, *field);
    applied |= field_answer.field;
  }
  if (applied.empty()) return applied;
  if (answer.profile.has_value() && progress.profile.provider.empty()) {
    progress.profile = *answer.profile;
    progress.profile.provider = std::string(context.account);
  }
  if (plan.include_raw_items && !answer.raw.empty()) {
    progress.raw_items.emplace_back(std::string(context.account), answer.raw);
  }
  return applied;
}

void ApplyFailure(const AttemptContext& context, FieldSet fields,
                  FailureReason reason, absl::string_view message,
                  ContactProgress& progress) {
  const bool unknown = reason == FailureReason::kOutcomeUnknown;
  for (FieldProgress& field : progress.fields) {
    if (!fields.Has(field.field)) continue;
    if (FindAttempt(context, field) != nullptr) continue;
    NoteAttempt(context,
                {.outcome = unknown ? Outcome::kUnknown : Outcome::kFailed,
                 .error_reason = std::string(FailureReasonName(reason)),
                 .error_message = std::string(message),
                 .decision = unknown ? "stopped: asking again could pay twice"
                                     : "went on: failed"},
                field);
    if (unknown && field.outcome == Outcome::kOpen) {
      field.outcome = Outcome::kUnknown;
    }
  }
}

void Close(FieldSet fields, Outcome outcome, absl::string_view explanation,
           ContactProgress& progress) {
  for (FieldProgress& field : progress.fields) {
    if (!fields.Has(field.field) || field.outcome != Outcome::kOpen) continue;
    field.outcome = outcome;
    field.explanation = std::string(explanation);
  }
}

BatchCounters CountersDelta(const ContactProgress& before,
                            const ContactProgress& after, bool newly_done) {
  BatchCounters delta;
  delta.contacts_done = newly_done ? 1 : 0;
  const auto add = [&](const ContactProgress& progress, int64_t sign) {
    for (const FieldProgress& field : progress.fields) {
      delta.of(field.outcome) += sign;
      for (const Attempt& attempt : field.attempts) {
        if (attempt.credits.milli != 0) {
          delta.credits[attempt.provider] += attempt.credits * sign;
        }
        if (attempt.saved.milli != 0) {
          delta.saved[attempt.provider] += attempt.saved * sign;
        }
      }
    }
  };
  add(after, 1);
  if (!newly_done) add(before, -1);
  return delta;
}

bool MayBeCorrected(const ContactProgress& progress) {
  return absl::c_any_of(progress.fields, [](const FieldProgress& field) {
    return Has(field, Outcome::kFailed) || Has(field, Outcome::kUnknown);
  });
}

}  // namespace enrich
