#include "cli/enrich_job.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace enrich::cli {
namespace {

// How often the loop looks at the clock without being woken.
constexpr absl::Duration kTick = absl::Milliseconds(100);
constexpr absl::Duration kSaveEvery = absl::Seconds(1);

}  // namespace

EnrichJob::EnrichJob(const EnrichOptions& options,
                     const GatewaySession& session, const Clock& clock,
                     Terminal& terminal)
    : options_(options),
      session_(session),
      clock_(clock),
      terminal_(terminal),
      begin_(clock.Now()),
      display_(terminal, clock, options.quiet),
      saved_at_(begin_) {}

absl::StatusOr<Tally> EnrichJob::Run() {
  RETURN_IF_ERROR(Open());
  BatchSource source(input_->rows(), options_, input_->contacts());
  RETURN_IF_ERROR(Finish(Loop(source)));
  return written_;
}

absl::Status EnrichJob::Open() {
  ASSIGN_OR_RETURN(state_path_, StatePathFor(options_));
  ASSIGN_OR_RETURN(input_,
                   EnrichInput::Open(options_, terminal_.in, terminal_.stop));
  ASSIGN_OR_RETURN(writer_,
                   RowWriter::Create(input_->rows(), options_.input.format,
                                     options_.fields, options_.output));
  RETURN_IF_ERROR(LoadSavedState());
  if (output_.has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(output_, EnrichOutput::Open(options_.out, 0, terminal_.out));
  std::string header;
  writer_->AppendHeader(header);
  RETURN_IF_ERROR(output_->Write(header));
  return Save();
}

absl::Status EnrichJob::LoadSavedState() {
  if (!state_path_.has_value()) return absl::OkStatus();
  if (options_.restart) {
    RemoveState(*state_path_);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(std::optional<EnrichState> state, LoadState(*state_path_));
  if (!state.has_value()) return absl::OkStatus();
  if (state->input_digest != *input_->digest() ||
      state->options_digest != DigestOf(options_)) {
    return absl::InvalidArgumentError(absl::StrCat(
        *state_path_,
        " is of an unfinished run with another input or other options; finish "
        "that one, or start over with --restart (what was bought stays "
        "bought)"));
  }
  ASSIGN_OR_RETURN(
      output_,
      EnrichOutput::Open(options_.out, state->output_bytes, terminal_.out));
  for (OpenBatchState& batch : state->open) {
    const int64_t index = batch.index;
    resumed_.emplace(index, std::move(batch));
  }
  resumed_next_ = state->next_batch;
  next_batch_ = state->next_batch;
  written_ = std::move(state->tally);
  live_ = written_;
  done_before_ = written_.contacts;
  display_.Print(absl::StrCat("continuing after ", WithThousands(done_before_),
                              " contacts\n"));
  return absl::OkStatus();
}

absl::Status EnrichJob::Loop(BatchSource& source) {
  while (true) {
    RETURN_IF_ERROR(StartMore(source));
    if (terminal_.stop.stop_requested()) {
      return absl::CancelledError("interrupted");
    }
    if (slots_.empty() && input_done_) return absl::OkStatus();
    WaitForNews();
    const absl::Status collected = Collect();
    RETURN_IF_ERROR(WriteReady());
    RETURN_IF_ERROR(collected);
    RETURN_IF_ERROR(SaveIfDue());
    if (display_.Due()) display_.Show(View());
  }
}

bool EnrichJob::IsDone(int64_t index) const {
  return index < resumed_next_ && resumed_.count(index) == 0;
}

absl::Status EnrichJob::StartMore(BatchSource& source) {
  while (!input_done_ && !terminal_.stop.stop_requested() &&
         static_cast<int>(slots_.size()) < options_.window) {
    ASSIGN_OR_RETURN(std::optional<InputBatch> batch, source.Next());
    if (!batch.has_value()) {
      input_done_ = true;
    } else if (!IsDone(batch->index)) {
      RETURN_IF_ERROR(Start(*std::move(batch)));
    }
  }
  return absl::OkStatus();
}

absl::Status EnrichJob::Start(InputBatch batch) {
  auto slot = std::make_unique<Slot>();
  slot->index = batch.index;
  slot->request_id = batch.request.request_id();
  slot->rows = std::move(batch.rows);
  slot->results.resize(slot->rows.size());
  StreamPosition start;
  if (auto resumed = resumed_.extract(batch.index); !resumed.empty()) {
    const OpenBatchState& saved = resumed.mapped();
    if (saved.request_id != slot->request_id) {
      return absl::InvalidArgumentError(absl::StrCat(
          *state_path_, " does not fit the input; --restart discards it"));
    }
    start = saved.position;
    slot->written = saved.rows_written;
    slot->received = saved.rows_written;
    slot->news.batch_id = saved.batch_id;
  }
  slot->news.position = start;
  next_batch_ = std::max(next_batch_, batch.index + 1);
  slot->task = std::make_unique<BatchTask>(std::move(batch.request), start,
                                           session_, [this] {
                                             MutexLock lock(&mu_);
                                             news_ = true;
                                             changed_.SignalAll();
                                           });
  slots_.push_back(std::move(slot));
  unsaved_ = true;
  return absl::OkStatus();
}

void EnrichJob::WaitForNews() {
  MutexLock lock(&mu_);
  if (!news_) changed_.WaitFor(&mu_, kTick);
  news_ = false;
}

absl::Status EnrichJob::Collect() {
  absl::Status first;
  for (const auto& slot : slots_) first.Update(Take(*slot));
  return first;
}

absl::Status EnrichJob::Take(Slot& slot) {
  BatchUpdate news = slot.task->Take();
  unsaved_ = unsaved_ || news.batch_id != slot.news.batch_id;
  for (auto& arrival : news.arrivals) {
    RETURN_IF_ERROR(TakeArrival(slot, std::move(arrival)));
  }
  news.arrivals.clear();
  slot.news = std::move(news);
  if (!slot.news.done) return absl::OkStatus();
  RETURN_IF_ERROR(slot.news.status);
  return CheckComplete(slot);
}

absl::Status EnrichJob::TakeArrival(Slot& slot, BatchUpdate::Arrival arrival) {
  int64_t number = 0;
  const int64_t first = slot.rows.front().number;
  if (!absl::SimpleAtoi(arrival.result.contact_ref(), &number) ||
      number < first || number > slot.rows.back().number) {
    return absl::InternalError(
        "the gateway sent a result for a contact that the batch does not have");
  }
  auto& held = slot.results[static_cast<size_t>(number - first)];
  if (held.has_value()) {
    live_.Add(*held, -1);
  } else if (arrival.correction) {
    // The row is in the output already.
    ++corrected_late_;
    return absl::OkStatus();
  } else {
    ++slot.received;
  }
  live_.Add(arrival.result);
  held = std::move(arrival.result);
  return absl::OkStatus();
}

absl::Status EnrichJob::CheckComplete(const Slot& slot) const {
  const auto rows = static_cast<int64_t>(slot.rows.size());
  if (slot.received == rows) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("batch ", slot.news.batch_id,
                                          " ended with ", slot.received,
                                          " results for ", rows, " contacts"));
}

absl::Status EnrichJob::WriteReady() {
  const auto ended = [](const Slot& slot) {
    return slot.news.done && slot.news.status.ok();
  };
  if (options_.unordered) {
    for (const auto& slot : slots_) {
      RETURN_IF_ERROR(ended(*slot) ? WriteLast(*slot) : WriteRows(*slot));
    }
    const auto removed =
        std::remove_if(slots_.begin(), slots_.end(),
                       [&](const auto& slot) { return ended(*slot); });
    slots_.erase(removed, slots_.end());
    return absl::OkStatus();
  }
  while (!slots_.empty() && ended(*slots_.front())) {
    RETURN_IF_ERROR(WriteLast(*slots_.front()));
    slots_.pop_front();
  }
  return absl::OkStatus();
}

absl::Status EnrichJob::WriteLast(Slot& slot) {
  for (const auto& [provider, saved] : slot.news.saved_millicredits) {
    written_.saved_millicredits[provider] += saved;
  }
  return WriteRows(slot);
}

absl::Status EnrichJob::WriteRows(Slot& slot) {
  std::string text;
  for (size_t i = 0; i < slot.results.size(); ++i) {
    auto& result = slot.results[i];
    if (!result.has_value()) continue;
    writer_->AppendRow(slot.rows[i], *result, text);
    written_.Add(*result);
    ++slot.written;
    result.reset();
  }
  if (text.empty()) return absl::OkStatus();
  unsaved_ = true;
  absl::Status status = output_->Write(text);
  output_broken_ = output_broken_ || !status.ok();
  return status;
}

absl::Status EnrichJob::SaveIfDue() {
  if (!unsaved_ || clock_.Now() - saved_at_ < kSaveEvery) {
    return absl::OkStatus();
  }
  return Save();
}

absl::Status EnrichJob::Save() {
  unsaved_ = false;
  saved_at_ = clock_.Now();
  if (!state_path_.has_value() || output_broken_) return absl::OkStatus();
  // The state must not promise rows that a power cut can take back.
  RETURN_IF_ERROR(output_->Sync());
  EnrichState state{.input_digest = *input_->digest(),
                    .options_digest = DigestOf(options_),
                    .output_bytes = output_->size(),
                    .next_batch = next_batch_,
                    .tally = written_};
  for (const auto& slot : slots_) {
    OpenBatchState open{.index = slot->index,
                        .request_id = slot->request_id,
                        .batch_id = slot->news.batch_id,
                        .rows_written = slot->written};
    // In input order results wait in memory, so events begin anew.
    if (options_.unordered) open.position = slot->news.position;
    state.open.push_back(std::move(open));
  }
  for (const auto& [index, open] : resumed_) state.open.push_back(open);
  return SaveState(*state_path_, state);
}

// What has arrived already is written, so that it need not be sent again.
void EnrichJob::EndEarly() {
  for (const auto& slot : slots_) slot->task->RequestStop();
  for (const auto& slot : slots_) slot->task->Join();
  // The error that ended the run is the one to report.
  Collect().IgnoreError();
  if (!output_broken_) WriteReady().IgnoreError();
  Save().IgnoreError();
  slots_.clear();
}

absl::Status EnrichJob::Finish(const absl::Status& status) {
  display_.Clear();
  if (!status.ok()) {
    EndEarly();
    ExplainHowToContinue(status);
    return status;
  }
  RETURN_IF_ERROR(output_->Sync());
  if (state_path_.has_value()) RemoveState(*state_path_);
  display_.Print(RenderSummary(written_, done_before_, clock_.Now() - begin_));
  if (corrected_late_ > 0) {
    display_.Print(absl::StrCat(
        "  ", corrected_late_,
        " results were corrected after they were written; the same command "
        "without --unordered writes them, free of charge\n"));
  }
  if (written_.Count(v1::LOOKUP_OUTCOME_UNKNOWN) > 0) {
    display_.Print(
        "  unknown outcomes may settle later; the same command then has them, "
        "free of charge\n");
  }
  return absl::OkStatus();
}

ProgressView EnrichJob::View() const {
  ProgressView view{.contacts = input_->contacts(),
                    .tally = live_,
                    .elapsed = clock_.Now() - begin_};
  std::optional<absl::Duration> estimate;
  for (const auto& slot : slots_) {
    if (view.waiting.empty()) view.waiting = slot->news.waiting;
    if (!slot->news.time_left.has_value()) continue;
    estimate = std::max(estimate.value_or(absl::ZeroDuration()),
                        *slot->news.time_left);
  }
  view.time_left = EstimateTimeLeft(view, done_before_, estimate);
  return view;
}

void EnrichJob::ExplainHowToContinue(const absl::Status& status) {
  if (options_.command.empty()) return;
  const bool interrupted = status.code() == absl::StatusCode::kCancelled;
  terminal_.err << (interrupted ? "interrupted" : "stopped") << " after "
                << WithThousands(written_.contacts)
                << " contacts; accepted batches go on in the gateway.\n"
                << (state_path_.has_value() ? "continue with:\n  "
                                            : "start over, without paying "
                                              "again, with:\n  ")
                << options_.command << std::endl;
}

}  // namespace enrich::cli
