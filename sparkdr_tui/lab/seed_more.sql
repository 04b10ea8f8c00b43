-- What happened between the older and the newer backup.
BEGIN;
INSERT INTO users VALUES (201, 'user201@sparklio.example', '한지민 201', 'member', '2025-01-14 09:00+00');
INSERT INTO workflows (id, user_id, brand_id, agent_id, title, status, input, created_at, finished_at)
SELECT 24000 + i, 201, 1 + i % 40, 1 + i % 12, '신규 캠페인 #' || i, 'done', jsonb_build_object('prompt', md5(i::text)),
       timestamptz '2025-01-14 09:00+00' + i * interval '1 minute',
       timestamptz '2025-01-14 09:01+00' + i * interval '1 minute'
FROM generate_series(1, 600) AS i;
INSERT INTO assets (workflow_id, brand_id, bucket, key, bytes)
SELECT 24000 + i, 1 + i % 40, 'sparklio-assets', 'generated/new/' || i || '.png', 2000 + i
FROM generate_series(1, 150) AS i;
SELECT setval(pg_get_serial_sequence('workflows', 'id'), 24600) \g /dev/null
COMMIT;
