#ifndef ENRICH_TESTS_SUPPORT_ADAPTER_DUMP_H_
#define ENRICH_TESTS_SUPPORT_ADAPTER_DUMP_H_

#include <algorithm>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "provider/adapter.h"

// What adapters make of things, as text for golden files: one line a thing,
// indented by what it belongs to, nothing written that is not set.
namespace enrich {
namespace dump_internal {

inline absl::string_view Name(Outcome outcome) {
  static constexpr absl::string_view kNames[] = {
      "OPEN",    "FOUND",         "NOT_FOUND", "FAILED",
      "UNKNOWN", "INVALID_INPUT", "CANCELLED", "SKIPPED"};
  return kNames[static_cast<size_t>(outcome)];
}
inline absl::string_view Name(EmailQuality quality) {
  static constexpr absl::string_view kNames[] = {
      "?",         "DELIVERABLE", "HIGH_PROBABILITY",
      "CATCH_ALL", "INVALID",     "UNKNOWN"};
  return kNames[static_cast<size_t>(quality)];
}
inline absl::string_view Name(LineType type) {
  static constexpr absl::string_view kNames[] = {"", "mobile", "landline",
                                                 "voip"};
  return kNames[static_cast<size_t>(type)];
}
inline absl::string_view Name(JobPhase phase) {
  static constexpr absl::string_view kNames[] = {
      "RUNNING", "FINISHED", "OUT_OF_CREDITS", "CANCELLED", "FAILED"};
  return kNames[static_cast<size_t>(phase)];
}

inline std::string Text(Credits credits) {
  return absl::StrCat(static_cast<double>(credits.milli) / 1000.0);
}
// " name=value", or nothing for an empty value.
inline std::string Word(absl::string_view name, absl::string_view value) {
  return value.empty() ? "" : absl::StrCat(" ", name, "=", value);
}
inline std::string Quoted(absl::string_view name, absl::string_view value) {
  return value.empty() ? "" : absl::StrCat(" ", name, "=\"", value, "\"");
}

inline std::string Dump(const FieldAnswer& field) {
  std::string out =
      absl::StrCat("    ", FieldName(field.field), " ", Name(field.outcome),
                   " credits=", Text(field.credits), "\n");
  for (const EmailValue& email : field.emails) {
    absl::StrAppend(&out, "      ", email.address, " ", Name(email.quality),
                    "\n");
  }
  for (const PhoneValue& phone : field.phones) {
    absl::StrAppend(&out, "      ", phone.e164.empty() ? "-" : phone.e164,
                    Word("region", phone.region),
                    Word("line", Name(phone.line_type)),
                    Quoted("spelt", phone.provider_spelling), "\n");
  }
  return out;
}

inline std::string Dump(const Profile& profile) {
  return absl::StrCat(
      "    profile", Quoted("full_name", profile.full_name),
      Quoted("job_title", profile.job_title),
      Quoted("location", profile.location),
      Quoted("linkedin_url", profile.linkedin_url),
      Quoted("company_name", profile.company_name),
      Quoted("company_domain", profile.company_domain),
      Quoted("company_industry", profile.company_industry),
      profile.company_headcount == 0
          ? ""
          : absl::StrCat(" company_headcount=", profile.company_headcount),
      Quoted("provider", profile.provider), "\n");
}

inline std::string Dump(const ItemAnswer& item) {
  std::string out = absl::StrCat(
      "  item", Word("key", item.key),
      item.index.has_value() ? absl::StrCat(" index=", *item.index) : "", "\n");
  for (const FieldAnswer& field : item.fields) out += Dump(field);
  if (item.profile.has_value()) out += Dump(*item.profile);
  if (!item.raw.empty()) absl::StrAppend(&out, "    raw ", item.raw, "\n");
  return out;
}

inline std::string Dump(const JobAnswer& answer) {
  std::string out = absl::StrCat(
      "JobAnswer ", Name(answer.phase),
      answer.cost.has_value() ? absl::StrCat(" cost=", Text(*answer.cost)) : "",
      "\n");
  for (const ItemAnswer& item : answer.items) out += Dump(item);
  return out;
}

inline std::string Dump(const Accepted& accepted) {
  return absl::StrCat("Accepted", Word("id", accepted.provider_job_id),
                      accepted.debited.has_value()
                          ? absl::StrCat(" debited=", Text(*accepted.debited))
                          : "",
                      "\n");
}
inline std::string Dump(const Rejected& rejected) {
  return absl::StrCat("Rejected ", FailureReasonName(rejected.reason),
                      rejected.item_index.has_value()
                          ? absl::StrCat(" item_index=", *rejected.item_index)
                          : "",
                      Quoted("message", rejected.message), "\n");
}
inline std::string Dump(const RateLimited& limited) {
  return absl::StrCat(
      "RateLimited",
      limited.retry_after.has_value()
          ? absl::StrCat(" retry_after=",
                         absl::FormatDuration(*limited.retry_after))
          : "",
      "\n");
}
inline std::string Dump(const Indeterminate& reply) {
  return absl::StrCat("Indeterminate", Quoted("message", reply.message), "\n");
}
inline std::string Dump(const JobUnknown& reply) {
  return absl::StrCat("JobUnknown", Quoted("message", reply.message), "\n");
}
inline std::string Dump(const FetchFailed& reply) {
  return absl::StrCat("FetchFailed ", FailureReasonName(reply.reason),
                      Quoted("message", reply.message), "\n");
}

// The value of a header, without what is secret in it.
inline std::string Masked(absl::string_view name, absl::string_view value) {
  if (absl::EqualsIgnoreCase(name, "x-api-key")) return "***";
  if (absl::EqualsIgnoreCase(name, "authorization")) {
    return absl::StrCat(value.substr(0, value.find(' ')), " ***");
  }
  return std::string(value);
}

}  // namespace dump_internal

inline std::string Dump(const SubmitReply& reply) {
  return std::visit([](const auto& it) { return dump_internal::Dump(it); },
                    reply);
}

inline std::string Dump(const FetchReply& reply) {
  return std::visit([](const auto& it) { return dump_internal::Dump(it); },
                    reply);
}

// An error is its code and its message.
inline std::string Dump(const absl::StatusOr<WebhookAnswer>& webhook) {
  if (!webhook.ok()) {
    return absl::StrCat(absl::StatusCodeToString(webhook.status().code()), ": ",
                        webhook.status().message(), "\n");
  }
  return absl::StrCat(
      "WebhookAnswer", dump_internal::Word("id", webhook->provider_job_id),
      webhook->fetch ? " fetch" : "", "\n",
      webhook->answer.has_value() ? dump_internal::Dump(*webhook->answer) : "");
}

// Method and address, headers by name with keys masked, the body.
inline std::string Dump(const HttpRequest& request) {
  HttpHeaders headers = request.headers;
  std::sort(headers.begin(), headers.end());
  std::string out = absl::StrCat(request.method, " ", request.url,
                                 request.paid ? " (paid)" : "", "\n");
  for (const auto& [name, value] : headers) {
    absl::StrAppend(&out, name, ": ", dump_internal::Masked(name, value), "\n");
  }
  if (!request.body.empty()) absl::StrAppend(&out, "\n", request.body, "\n");
  return out;
}

}  // namespace enrich

#endif  // ENRICH_TESTS_SUPPORT_ADAPTER_DUMP_H_
