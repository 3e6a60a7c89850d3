#ifndef ENRICH_TESTS_SIM_AUDIT_H_
#define ENRICH_TESTS_SIM_AUDIT_H_

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "model/identity.h"
#include "sim/caller.h"
#include "sim/events.h"
#include "sim/journal.h"
#include "sim/providers.h"
#include "sim/watcher.h"
#include "sim/world.h"
#include "store/store.h"

namespace enrich::sim {

// The invariants that hold once everything has come to rest. Reads what a
// caller, a provider and an operator would see.
class Audit {
 public:
  // `store` is without faults.
  Audit(World& world, const Journal& journal, const Providers& providers,
        Store& store);

  // What the caller was promised came true: once, whole and honest.
  void CheckOrder(const Order& order, const SeenLog& seen);
  // No two batches for one request.
  void CheckBatches();
  // The provider's invoice against what the gateway knows (I5).
  void CheckMoney();
  // A push was evidence: what it was for is no longer in doubt (I3).
  void CheckDoubt();
  // Nothing waits any more (I8).
  void CheckRest();
  void CheckWatcher(const Watcher& watcher);

 private:
  using ContactEvents = std::vector<std::pair<int64_t, SeenEvent>>;

  // Whom a result is about.
  struct Subject {
    std::string who = {};
    const Contact& contact;
    int64_t contact_key = 0;
    Identity identity = {};
  };

  // The batch's log, checked for order (I4).
  std::vector<SeenEvent> ReadEvents(const Order& order, const Batch& batch,
                                    const SeenLog& seen);
  void CheckContact(const Order& order, const Batch& batch, size_t index,
                    const ContactEvents& events);
  // The batch's counters are what its latest results add up to.
  void CheckCounters(const Order& order, const Batch& batch,
                     const std::vector<ContactEvents>& by_contact);
  // What is known of the contact was told (I3).
  void CheckTold(const std::string& who, int64_t contact_key,
                 const SeenEvent& latest);
  // I9
  void CheckChange(const std::string& who, const SeenEvent& before,
                   const SeenEvent& after);
  // I6
  void CheckField(const Subject& subject, const SeenField& field);
  // A job that went well and can still be read was read (I3).
  void CheckExpired(const std::string& who, int64_t contact_key,
                    const SeenAttempt& attempt);
  void CheckAttempt(const Subject& subject, const SeenField& field,
                    const SeenAttempt& attempt);
  // Whether the account was asked about the contact or, for an answer that was
  // bought before, about somebody alike.
  bool WasAsked(const Subject& subject, const SeenAttempt& attempt) const;

  World& world_;
  const Journal& journal_;
  const Providers& providers_;
  Store& store_;
  const std::vector<simulator::Submission> invoice_;
  // Contacts that a provider took on, by account: whether a job of theirs ended
  // badly there.
  std::map<std::pair<std::string, int64_t>, bool> taken_on_;
  // And whom it was asked about thereby, by account.
  absl::flat_hash_set<std::pair<std::string, Identity>> asked_about_;
};

}  // namespace enrich::sim

#endif  // ENRICH_TESTS_SIM_AUDIT_H_
