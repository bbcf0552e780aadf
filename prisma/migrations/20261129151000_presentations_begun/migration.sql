-- A presentation is counted before the certificate is verified; its repetition is the same one.
ALTER TABLE "CertificateTicket" ADD COLUMN "begunBy" UUID;
