#include "engine/correction.h"

#include <utility>
#include <vector>

#include "absl/algorithm/container.h"

namespace enrich {
namespace {

constexpr char kDecision[] = "corrected: the answer was read again";

Attempt* FindAttempt(absl::string_view account, FieldProgress& field) {
  const auto it = absl::c_find_if(field.attempts, [&](const Attempt& attempt) {
    return attempt.provider == account;
  });
  return it == field.attempts.end() ? nullptr : &*it;
}

// Whether the lookup ended for another reason than what providers said.
bool EndedByItself(Outcome outcome) {
  return outcome == Outcome::kCancelled || outcome == Outcome::kSkipped ||
         outcome == Outcome::kInvalidInput;
}

absl::Time EndOf(const Attempt& attempt) {
  return attempt.start_time + attempt.duration;
}

bool Suffices(const EmailValue& email, const BatchPlan& plan,
              const FieldProgress& field) {
  return field.field == ContactField::kEmailVerification
             ? email.quality != EmailQuality::kUnknown
             : email.quality <= plan.min_email_quality;
}

// The first other account that found something; null when there is none.
const Attempt* OtherFinder(const Attempt& mine, const FieldProgress& field,
                           absl::Time after = absl::InfinitePast()) {
  const auto it = absl::c_find_if(field.attempts, [&](const Attempt& attempt) {
    return attempt.provider != mine.provider &&
           attempt.outcome == Outcome::kFound && EndOf(attempt) > after;
  });
  return it == field.attempts.end() ? nullptr : &*it;
}

// Takes the account's values out of a field. One that was closed by them is
// left without a value; the caller concludes it.
void TakeBack(const Attempt& mine, const BatchPlan& plan,
              FieldProgress& field) {
  const Attempt* other = OtherFinder(mine, field);
  const bool held = field.outcome == Outcome::kFound;
  const bool held_by_another =
      other != nullptr && held && field.provider != mine.provider;
  if (other == nullptr) {
    field.emails.clear();
    field.phones.clear();
    field.provider.clear();
  } else if (held && !held_by_another &&
             OtherFinder(mine, field, EndOf(mine)) == nullptr) {
    // What was good enough is its own: from the others the lookup went on.
    field.phones.clear();
    std::erase_if(field.emails, [&](const EmailValue& email) {
      return Suffices(email, plan, field);
    });
    field.provider = other->provider;
  }
  if (field.outcome == Outcome::kOpen) return;
  if (!held_by_another) field.outcome = Outcome::kNotFound;
  field.explanation.clear();
}

Credits CreditsAfter(const Attempt& before, const FieldAnswer& answer) {
  const bool overlooked =
      before.outcome != Outcome::kFound && answer.outcome == Outcome::kFound;
  return answer.credits_reported || overlooked ? answer.credits
                                               : before.credits;
}

bool SameAnswer(const FieldProgress& before, const Attempt& noted_before,
                const FieldProgress& after, const Attempt& noted_after) {
  return noted_before.outcome == noted_after.outcome &&
         noted_before.error_reason == noted_after.error_reason &&
         noted_before.credits == noted_after.credits &&
         before.outcome == after.outcome && before.emails == after.emails &&
         before.phones == after.phones && before.provider == after.provider;
}

// Whether the field reads differently now.
bool CorrectField(const AttemptContext& context, const BatchPlan& plan,
                  const FieldAnswer& answer, FieldProgress& field) {
  const Attempt* known = FindAttempt(context.account, field);
  if (known == nullptr) return false;
  const Attempt before = *known;
  // Applied to a copy as any answer is: one field, without what else there is
  // to say of the contact.
  ContactProgress copy = {.fields = {field}};
  FieldProgress& after = copy.fields[0];
  TakeBack(before, plan, after);
  // As if it had not been said yet: what was said stands otherwise.
  FindAttempt(context.account, after)->outcome = Outcome::kOpen;
  ApplyAnswer(context, plan, answer.field, {.fields = {answer}}, copy);
  const Attempt* later = OtherFinder(before, field, EndOf(before));
  if (later != nullptr && field.outcome == Outcome::kFound &&
      after.outcome != Outcome::kFound) {
    // What another found after the end stands.
    after.outcome = Outcome::kFound;
    after.provider = later->provider;
    after.explanation.clear();
  }
  if (EndedByItself(field.outcome) && after.outcome != Outcome::kFound) {
    after.outcome = field.outcome;
    after.explanation = field.explanation;
  }
  Attempt& noted = *FindAttempt(context.account, after);
  noted.start_time = before.start_time;
  noted.duration = before.duration;
  noted.credits = CreditsAfter(before, answer);
  if (SameAnswer(field, before, after, noted)) return false;
  noted.decision = kDecision;
  field = std::move(after);
  return true;
}

}  // namespace

FieldSet CorrectAnswer(const AttemptContext& context, const BatchPlan& plan,
                       FieldSet answered, const ItemAnswer& answer,
                       ContactProgress& progress) {
  FieldSet corrected;
  for (const FieldAnswer& field_answer : answer.fields) {
    if (!answered.Has(field_answer.field)) continue;
    FieldProgress* field = progress.Find(field_answer.field);
    if (field == nullptr) continue;
    if (CorrectField(context, plan, field_answer, *field)) {
      corrected |= field_answer.field;
    }
  }
  if (answer.profile.has_value() &&
      progress.profile.provider == context.account) {
    Profile profile = *answer.profile;
    profile.provider = progress.profile.provider;
    if (profile != progress.profile) {
      progress.profile = std::move(profile);
      corrected |= answered;
    }
  }
  return corrected;
}

}  // namespace enrich
