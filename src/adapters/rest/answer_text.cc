#include "adapters/rest/answer_text.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "base/json.h"

namespace enrich::rest {
namespace {

std::string CreditsJson(Credits credits) {
  const int64_t rest = credits.milli % 1000;
  if (rest == 0) return absl::StrCat(credits.milli / 1000);
  return absl::StrFormat("%d.%03d", credits.milli / 1000, rest);
}

absl::string_view PhaseName(JobPhase phase) {
  switch (phase) {
    case JobPhase::kRunning:
      return "running";
    case JobPhase::kFinished:
      return "finished";
    case JobPhase::kOutOfCredits:
      return "out_of_credits";
    case JobPhase::kCancelled:
      return "cancelled";
    case JobPhase::kFailed:
      return "failed";
  }
  return "";
}

absl::string_view OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kFound:
      return "FOUND";
    case Outcome::kNotFound:
      return "NOT_FOUND";
    case Outcome::kFailed:
      return "FAILED";
    default:
      return "OTHER";
  }
}

absl::string_view QualityName(EmailQuality quality) {
  switch (quality) {
    case EmailQuality::kDeliverable:
      return "DELIVERABLE";
    case EmailQuality::kHighProbability:
      return "HIGH_PROBABILITY";
    case EmailQuality::kCatchAll:
      return "CATCH_ALL";
    case EmailQuality::kInvalid:
      return "INVALID";
    case EmailQuality::kUnknown:
      return "UNKNOWN";
  }
  return "";
}

// Writes one answer; a class for the writer that every part needs.
class AnswerWriter {
 public:
  std::string Take() { return out_.EndObject().Take(); }

  AnswerWriter() { out_.StartObject(); }

  void operator()(const Accepted& accepted) {
    out_.Member("accepted", accepted.provider_job_id);
    AddCredits("debited", accepted.debited);
  }

  void operator()(const Rejected& rejected) {
    out_.Member("rejected", FailureReasonName(rejected.reason));
    if (rejected.item_index.has_value()) {
      out_.Key("item").Int(*rejected.item_index);
    }
  }

  void operator()(const RateLimited& limited) {
    std::string when;
    if (limited.retry_after.has_value()) {
      when = absl::FormatDuration(*limited.retry_after);
    } else if (limited.retry_at.has_value()) {
      when = absl::FormatTime(*limited.retry_at, absl::UTCTimeZone());
    }
    out_.Member("rate_limited", when);
  }

  void operator()(const Indeterminate& doubt) {
    out_.Key("indeterminate").Bool(true);
    AddDrift(doubt.drift);
  }

  void operator()(const JobUnknown&) { out_.Key("job_unknown").Bool(true); }

  void operator()(const FetchFailed& failed) {
    out_.Member("failed", FailureReasonName(failed.reason));
    AddDrift(failed.drift);
  }

  void operator()(const JobAnswer& answer) {
    out_.Member("phase", PhaseName(answer.phase));
    if (!answer.items.empty()) {
      out_.Key("items").StartArray();
      for (const ItemAnswer& item : answer.items) AddItem(item);
      out_.EndArray();
    }
    AddCredits("cost", answer.cost);
    out_.MemberIfSet("cursor", answer.cursor);
    AddDrift(answer.drift);
  }

  void operator()(const WebhookAnswer& answer) {
    out_.MemberIfSet("job", answer.provider_job_id);
    if (answer.fetch) out_.Key("fetch").Bool(true);
    if (answer.answer.has_value()) (*this)(*answer.answer);
  }

  void AddText(absl::string_view key, absl::string_view text) {
    out_.Member(key, text);
  }
  void AddFlag(absl::string_view key) { out_.Key(key).Bool(true); }
  void AddCredits(absl::string_view key,
                  const std::optional<Credits>& credits) {
    if (credits.has_value()) out_.Key(key).Raw(CreditsJson(*credits));
  }

 private:
  void AddDrift(const std::vector<std::string>& drift) {
    if (!drift.empty()) {
      out_.Key("drift").Int(static_cast<int64_t>(drift.size()));
    }
  }

  void AddItem(const ItemAnswer& item) {
    out_.StartObject();
    out_.MemberIfSet("ref", item.key);
    if (item.echo.has_value()) out_.Member("echo", item.echo->value);
    if (item.index.has_value()) out_.Key("index").Int(*item.index);
    for (const FieldAnswer& field : item.fields) AddField(field);
    if (item.profile.has_value()) AddProfile(*item.profile);
    out_.EndObject();
  }

  void AddField(const FieldAnswer& field) {
    out_.Key(FieldName(field.field)).StartObject();
    out_.Member("outcome", OutcomeName(field.outcome));
    if (field.reason != FailureReason::kNone) {
      out_.Member("reason", FailureReasonName(field.reason));
    }
    if (!field.emails.empty()) {
      out_.Key("emails").StartArray();
      for (const EmailValue& email : field.emails) {
        out_.StartObject();
        out_.Member("address", email.address);
        out_.Member("quality", QualityName(email.quality));
        out_.EndObject();
      }
      out_.EndArray();
    }
    if (!field.phones.empty()) AddPhones(field.phones);
    if (field.credits != Credits()) AddCredits("credits", field.credits);
    out_.EndObject();
  }

  void AddPhones(const std::vector<PhoneValue>& phones) {
    out_.Key("phones").StartArray();
    for (const PhoneValue& phone : phones) {
      out_.StartObject();
      out_.MemberIfSet("e164", phone.e164);
      out_.MemberIfSet("region", phone.region);
      out_.MemberIfSet("spelling", phone.provider_spelling);
      out_.EndObject();
    }
    out_.EndArray();
  }

  void AddProfile(const Profile& profile) {
    out_.Key("profile").StartObject();
    out_.MemberIfSet("full_name", profile.full_name);
    out_.MemberIfSet("job_title", profile.job_title);
    out_.MemberIfSet("location", profile.location);
    out_.MemberIfSet("linkedin_url", profile.linkedin_url);
    out_.MemberIfSet("company_name", profile.company_name);
    out_.MemberIfSet("company_domain", profile.company_domain);
    out_.MemberIfSet("company_industry", profile.company_industry);
    if (profile.company_headcount != 0) {
      out_.Key("company_headcount").Int(profile.company_headcount);
    }
    out_.EndObject();
  }

  json::Writer out_;
};

}  // namespace

std::string ToFixtureJson(const SubmitReply& reply) {
  AnswerWriter writer;
  std::visit(writer, reply);
  return writer.Take();
}

std::string ToFixtureJson(const FetchReply& reply) {
  AnswerWriter writer;
  std::visit(writer, reply);
  return writer.Take();
}

std::string ToFixtureJson(const absl::StatusOr<WebhookAnswer>& answer) {
  AnswerWriter writer;
  if (answer.ok()) {
    writer(*answer);
  } else {
    writer.AddFlag("refused");
  }
  return writer.Take();
}

std::string ToFixtureJson(const absl::StatusOr<Credits>& balance) {
  AnswerWriter writer;
  if (balance.ok()) {
    writer.AddCredits("balance", *balance);
  } else {
    writer.AddText("balance", "");
  }
  return writer.Take();
}

std::string ToFixtureJson(const absl::StatusOr<AccessToken>& token) {
  AnswerWriter writer;
  writer.AddText("token", token.ok() ? token->token.Reveal() : "");
  if (token.ok()) {
    writer.AddText("lifetime", absl::FormatDuration(token->lifetime));
  }
  return writer.Take();
}

}  // namespace enrich::rest
