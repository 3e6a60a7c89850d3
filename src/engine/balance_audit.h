#ifndef ENRICH_ENGINE_BALANCE_AUDIT_H_
#define ENRICH_ENGINE_BALANCE_AUDIT_H_

#include <optional>

#include "model/funds.h"

namespace enrich {

// Compares what the balance of an account fell by with what the ledger can
// explain. Providers charge at the submission or at the end, give back what was
// not found, and are topped up; so what they have charged at a moment is known
// within bounds only:
//
//   at least   what was spent
//   at most    what was ever set aside, less what had been released before the
//              balance was asked for
//
// A fall beyond the bounds is drift, whoever caused it. The bounds are as wide
// as what is under way, however long one looks: so falls are counted from one
// reading, until a top-up is seen, and a slow leak comes out in the end.
class BalanceAudit {
 public:
  // The balance is being asked for; the funds are those of the account.
  void OnRequest(const Funds& funds) { asked_ = funds; }
  // It is known. Returns by how much it fell beyond what can be explained.
  Credits OnBalance(Credits balance, const Funds& funds);

 private:
  struct Reading {
    Credits balance = {};
    // What the provider had charged by then.
    Credits least = {};
    Credits most = {};
  };

  Funds asked_;
  // The one that falls are counted from, and the latest.
  std::optional<Reading> first_;
  Reading last_;
  // Drift since the first reading.
  Credits told_;
};

}  // namespace enrich

#endif  // ENRICH_ENGINE_BALANCE_AUDIT_H_
