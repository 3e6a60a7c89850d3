#ifndef ENRICH_SIMULATOR_LEDGER_H_
#define ENRICH_SIMULATOR_LEDGER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/json.h"
#include "base/mutex.h"
#include "model/credits.h"
#include "simulator/endpoint.h"
#include "simulator/person_oracle.h"

namespace enrich::simulator {

// One call that asks for a job, as received: accepted, refused or spoilt by a
// fault. Holds no contact data.
struct Submission {
  // 1, 2, 3 in the order received; set by the ledger.
  int64_t sequence = 0;
  absl::Time received_at = absl::InfinitePast();
  std::string provider = {};
  // Such as "/email/find/bulk".
  std::string endpoint = {};
  // FullEnrich: `name`. Enrow: `custom` of the batch: the text when it is one,
  // the value when it is an object of one text, else the JSON. Pronto: empty.
  std::string reference = {};
  // Per contact, its `custom`, read the same way.
  std::vector<std::string> keys = {};
  // What is asked for: a LookupHash for each contact and field.
  std::vector<std::string> lookups = {};
  // Whether a job was started.
  bool accepted = false;
  // The status answered, or that was lost to the fault.
  int status = 0;
  // Empty for a refused call.
  std::string job_id = {};
  // Fault::Label, empty without.
  std::string fault = {};
  // Taken at submit (Enrow only) ...
  Credits debited = {};
  // ... and what the job costs: what was taken, until it has ended.
  Credits charged = {};
  // Hexadecimal SHA-256 of the webhook URLs as received; empty without one.
  // FullEnrich has one for the batch and one for each contact.
  std::string callback_sha256 = {};
  std::string contact_callback_sha256 = {};
};

// What `custom` says, as the ledger tells it.
std::string CustomText(const json::Value& custom);

// Tells one person's field from all others, however often and in whatever
// request it is asked for: a hash of what the request says of the person.
std::string LookupHash(const PersonQuery& person, absl::string_view field);

// Hexadecimal SHA-256 of a URL; empty for an empty one.
std::string UrlHash(absl::string_view url);

// Every submission received. Thread-safe.
class Ledger {
 public:
  // With a `path`, appends to that file (created as needed) one JSON line for
  // every submission, and one for every change of `charged`. UNAVAILABLE when
  // it cannot be opened.
  static absl::StatusOr<std::unique_ptr<Ledger>> Open(const std::string& path);
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // Returns once the line is on disk.
  void Append(Submission submission);
  // Sets what a job costs; nothing for a job not in the ledger.
  void SetCharged(absl::string_view job_id, Credits charged);

  std::vector<Submission> submissions() const;
  // {"submissions":[...]} with those after `after`, in order.
  std::string ToJson(int64_t after) const;
  // Writes the totals of one provider as members of the object open in `out`:
  // submissions, accepted, contacts (accepted), repeated_keys and
  // repeated_lookups (those in more than one accepted submission: work paid for
  // twice), credits_charged.
  void WriteTotals(absl::string_view provider, json::Writer& out) const;
  // Forgets everything; the file and the sequence go on.
  void Clear();

 private:
  struct Totals {
    int64_t submissions = 0;
    int64_t accepted = 0;
    int64_t contacts = 0;
    int64_t repeated_keys = 0;
    int64_t repeated_lookups = 0;
    Credits charged = {};
  };

  explicit Ledger(int fd) : fd_(fd) {}
  void WriteLine(std::string line) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Count(const Submission& submission) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  // -1 without a file.
  const int fd_;
  mutable Mutex mu_;
  int64_t last_sequence_ ABSL_GUARDED_BY(mu_) = 0;
  std::vector<Submission> submissions_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<std::string, size_t> by_job_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_set<std::string> accepted_keys_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_set<std::string> accepted_lookups_ ABSL_GUARDED_BY(mu_);
  ByProvider<Totals> totals_ ABSL_GUARDED_BY(mu_);
};

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_LEDGER_H_
