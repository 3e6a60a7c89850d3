-- For pushes that name their job by the provider's id alone.
CREATE INDEX attempts_by_job ON attempts (provider_job_id)
  WHERE provider_job_id <> '';
