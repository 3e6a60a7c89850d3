#ifndef ENRICH_CLI_TALLY_H_
#define ENRICH_CLI_TALLY_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "enrich/v1/result.pb.h"

namespace enrich::cli {

// What became of the contacts so far.
struct Tally {
  // Lookups by v1::LookupOutcome.
  using Outcomes = std::array<int64_t, v1::LookupOutcome_ARRAYSIZE>;

  int64_t contacts = 0;
  std::map<v1::ContactField, Outcomes> fields = {};
  // Thousandths, by provider.
  std::map<std::string, int64_t> millicredits = {};
  // Likewise, not charged because the answer had been bought before. Of batches
  // that have ended.
  std::map<std::string, int64_t> saved_millicredits = {};

  // Counts `result`, or takes it out again with `sign` -1.
  void Add(const v1::ContactResult& result, int sign = 1);
  // Lookups of all fields with `outcome`.
  int64_t Count(v1::LookupOutcome outcome) const;
  // Lookups that were not answered though they could have been: failed,
  // unknown or cancelled.
  int64_t Unanswered() const;

  bool operator==(const Tally&) const = default;
};

// "acme 12, other 3.5"; empty without credits.
std::string DescribeCredits(const std::map<std::string, int64_t>& millicredits);

}  // namespace enrich::cli

#endif  // ENRICH_CLI_TALLY_H_
