// Encrypts presences as Microsoft documents it for its customers, with Node's own library.
import { X509Certificate, constants, createCipheriv, createHmac, publicEncrypt, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

const { certificate, certificateId, resources } = JSON.parse(readFileSync(0, 'utf8'));
const { publicKey, validTo } = new X509Certificate(Buffer.from(certificate, 'base64'));
if (publicKey.asymmetricKeyType !== 'rsa' || publicKey.asymmetricKeyDetails.modulusLength < 2048) throw new Error('key');
if (Date.parse(validTo) < Date.now()) throw new Error('expired');

const encrypted = resources.map((resource) => {
  const key = randomBytes(32);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16));
  const data = Buffer.concat([cipher.update(JSON.stringify(resource), 'utf8'), cipher.final()]);
  return {
    data: data.toString('base64'),
    dataSignature: createHmac('sha256', key).update(data).digest('base64'),
    dataKey: publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, key).toString('base64'),
    encryptionCertificateId: certificateId,
    encryptionCertificateThumbprint: 'not read',
  };
});
process.stdout.write(JSON.stringify(encrypted));
