#include "simulator/ledger.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/crypto.h"
#include "base/log.h"
#include "simulator/credit_text.h"

namespace enrich::simulator {
namespace {

void WriteSubmission(const Submission& submission, json::Writer& out) {
  out.StartObject();
  out.Key("sequence").Int(submission.sequence);
  out.Member("received_at",
             absl::FormatTime(submission.received_at, absl::UTCTimeZone()));
  out.Member("provider", submission.provider);
  out.Member("endpoint", submission.endpoint);
  out.Member("reference", submission.reference);
  out.Key("accepted").Bool(submission.accepted);
  out.Key("status").Int(submission.status);
  out.MemberIfSet("job_id", submission.job_id);
  out.MemberIfSet("fault", submission.fault);
  out.Key("credits_debited");
  WriteCredits(submission.debited, out);
  out.Key("credits_charged");
  WriteCredits(submission.charged, out);
  out.MemberIfSet("callback_sha256", submission.callback_sha256);
  out.MemberIfSet("contact_callback_sha256",
                  submission.contact_callback_sha256);
  out.Key("keys").StartArray();
  for (const std::string& key : submission.keys) out.String(key);
  out.EndArray().Key("lookups").StartArray();
  for (const std::string& lookup : submission.lookups) out.String(lookup);
  out.EndArray().EndObject();
}

// How many of `items` this provider accepted before; they count as accepted
// from here on.
int64_t CountRepeats(absl::string_view provider,
                     const std::vector<std::string>& items,
                     absl::flat_hash_set<std::string>& accepted) {
  int64_t repeats = 0;
  for (const std::string& item : items) {
    if (item.empty()) continue;
    const bool first =
        accepted.insert(absl::StrCat(provider, "/", item)).second;
    if (!first) ++repeats;
  }
  return repeats;
}

}  // namespace

std::string CustomText(const json::Value& custom) {
  if (custom.null()) return "";
  if (custom.is_string()) return std::string(custom.AsString());
  if (custom.is_object() && custom.size() == 1) {
    const json::Value only = *custom.begin();
    if (only.is_string()) return std::string(only.AsString());
  }
  return custom.ToJson();
}

std::string LookupHash(const PersonQuery& person, absl::string_view field) {
  const std::string name = person.full_name.empty()
                               ? person.first_name + " " + person.last_name
                               : person.full_name;
  const std::string text =
      absl::StrJoin({absl::string_view(name), absl::string_view(person.domain),
                     absl::string_view(person.company_name),
                     absl::string_view(person.linkedin_url), field},
                    "\n");
  return absl::BytesToHexString(Sha256(text).substr(0, 10));
}

std::string UrlHash(absl::string_view url) {
  return url.empty() ? "" : absl::BytesToHexString(Sha256(url));
}

absl::StatusOr<std::unique_ptr<Ledger>> Ledger::Open(const std::string& path) {
  int fd = -1;
  if (!path.empty()) {
    fd = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
      return absl::UnavailableError(
          absl::StrCat("cannot open the ledger file ", path));
    }
  }
  return absl::WrapUnique(new Ledger(fd));
}

Ledger::~Ledger() {
  if (fd_ >= 0) close(fd_);
}

void Ledger::WriteLine(std::string line) {
  line += '\n';
  absl::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = write(fd_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      log::Error("simulator_ledger_write_failed", {{"errno", errno}});
      return;
    }
    rest.remove_prefix(static_cast<size_t>(written));
  }
  if (fdatasync(fd_) != 0) {
    log::Error("simulator_ledger_sync_failed", {{"errno", errno}});
  }
}

void Ledger::Count(const Submission& submission) {
  Totals& totals = totals_[submission.provider];
  ++totals.submissions;
  if (!submission.accepted) return;
  ++totals.accepted;
  totals.contacts += static_cast<int64_t>(submission.keys.size());
  totals.charged += submission.charged;
  totals.repeated_keys +=
      CountRepeats(submission.provider, submission.keys, accepted_keys_);
  totals.repeated_lookups +=
      CountRepeats(submission.provider, submission.lookups, accepted_lookups_);
}

void Ledger::Append(Submission submission) {
  MutexLock lock(&mu_);
  submission.sequence = ++last_sequence_;
  if (fd_ >= 0) {
    json::Writer out;
    WriteSubmission(submission, out);
    WriteLine(out.Take());
  }
  Count(submission);
  if (!submission.job_id.empty()) {
    by_job_[submission.job_id] = submissions_.size();
  }
  submissions_.push_back(std::move(submission));
}

void Ledger::SetCharged(absl::string_view job_id, Credits charged) {
  MutexLock lock(&mu_);
  const auto found = by_job_.find(job_id);
  if (found == by_job_.end()) return;
  Submission& submission = submissions_[found->second];
  if (submission.charged == charged) return;
  totals_[submission.provider].charged += charged - submission.charged;
  submission.charged = charged;
  if (fd_ < 0) return;
  json::Writer out;
  out.StartObject().Key("settles").Int(submission.sequence);
  out.Member("job_id", job_id).Key("credits_charged");
  WriteCredits(charged, out);
  out.EndObject();
  WriteLine(out.Take());
}

std::vector<Submission> Ledger::submissions() const {
  MutexLock lock(&mu_);
  return submissions_;
}

std::string Ledger::ToJson(int64_t after) const {
  MutexLock lock(&mu_);
  auto from = std::partition_point(
      submissions_.begin(), submissions_.end(),
      [after](const Submission& entry) { return entry.sequence <= after; });
  json::Writer out;
  out.StartObject().Key("submissions").StartArray();
  for (; from != submissions_.end(); ++from) WriteSubmission(*from, out);
  out.EndArray().EndObject();
  return out.Take();
}

void Ledger::WriteTotals(absl::string_view provider, json::Writer& out) const {
  MutexLock lock(&mu_);
  const auto found = totals_.find(provider);
  const Totals totals = found == totals_.end() ? Totals() : found->second;
  out.Key("submissions").Int(totals.submissions);
  out.Key("accepted").Int(totals.accepted);
  out.Key("contacts").Int(totals.contacts);
  out.Key("repeated_keys").Int(totals.repeated_keys);
  out.Key("repeated_lookups").Int(totals.repeated_lookups);
  out.Key("credits_charged");
  WriteCredits(totals.charged, out);
}

void Ledger::Clear() {
  MutexLock lock(&mu_);
  submissions_.clear();
  by_job_.clear();
  accepted_keys_.clear();
  accepted_lookups_.clear();
  totals_.clear();
}

}  // namespace enrich::simulator
