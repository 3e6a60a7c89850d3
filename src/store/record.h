#ifndef ENRICH_STORE_RECORD_H_
#define ENRICH_STORE_RECORD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/batch.h"
#include "model/bought_answer.h"
#include "model/chunk.h"
#include "model/contact.h"
#include "model/result.h"

// The model as the stores keep it in blob columns: messages of
// enrich.storage.v1. Decoding fails with DATA_LOSS on bytes that are none of
// ours.
namespace enrich {

// Contacts are kept in blocks: one row for a run of consecutive keys costs a
// tenth of a row for each, and a chunk mostly reads neighbours.
inline constexpr int64_t kContactsPerBlock = 64;

// Block `i` holds the contacts from `i * kContactsPerBlock`.
std::vector<std::string> EncodeContactBlocks(
    absl::Span<const Contact> contacts);

// The contact at `index` of a block. NOT_FOUND past its end.
absl::StatusOr<Contact> DecodeContact(absl::string_view block, int64_t index);

std::string EncodePlan(const BatchPlan& plan);
absl::StatusOr<BatchPlan> DecodePlan(absl::string_view record);

// Lookups and money; the contacts have columns of their own.
std::string EncodeCounters(const BatchCounters& counters);
absl::Status DecodeCounters(absl::string_view record, BatchCounters& counters);

std::string EncodeWorkItems(absl::Span<const WorkItem> items);
absl::StatusOr<std::vector<WorkItem>> DecodeWorkItems(absl::string_view record);

// One byte for each.
std::string EncodeFieldSets(absl::Span<const FieldSet> sets);
std::vector<FieldSet> DecodeFieldSets(absl::string_view record);

// Sixteen bytes for each, as they are in memory.
std::string EncodeIdentities(absl::Span<const Identity> identities);
std::vector<Identity> DecodeIdentities(absl::string_view record);

// Answers and whom they are about; by whom, when and what outcome have columns
// of their own. Answers are kept in blocks, as they come: a row for each would
// cost ten times as much.
std::string EncodeAnswerBlock(absl::Span<const BoughtAnswer* const> answers);
// A block of one answer, as it was kept before there were blocks.
std::string AnswerBlockOf(const Identity& identity, ContactField field,
                          absl::string_view answer);
// Adds those answers of a block to `answers` that `wanted` says it wants; it is
// asked for each, in order.
absl::Status DecodeAnswerBlock(
    absl::string_view block,
    absl::FunctionRef<bool(const Identity&, ContactField)> wanted,
    std::vector<BoughtAnswer>& answers);

std::string EncodePrices(const FieldPrices& prices);
absl::StatusOr<FieldPrices> DecodePrices(absl::string_view record);

std::string EncodeProgress(const ContactProgress& progress);
absl::StatusOr<ContactProgress> DecodeProgress(absl::string_view record);

// Overrides the sequence of an encoded progress, without decoding it: a
// sequence is known only inside the transaction that allocates it.
void AppendProgressSequence(std::string& record, int64_t sequence);

}  // namespace enrich

#endif  // ENRICH_STORE_RECORD_H_
